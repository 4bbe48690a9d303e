#pragma once

#include "decide/policy.h"
#include "docker/create_spec.h"
#include "docker/image_relay.h"
#include "orchestrate/data_way.h"
#include "orchestrate/eligibility.h"
#include "orchestrate/move_acts.h"
#include "orchestrate/orchestrator_config.h"
#include "orchestrate/remote_host.h"

namespace plimsoll {

/// What a move is made by.
struct WorkloadTerms {
  OrchestratorConfig config;
  Policy policy;
  std::string owner;  ///< Journal::owner().
};

/// The acts on real hosts, for all members of a workload: one after the other in the order they
/// start in, or the other way round where they stop.
class WorkloadMove : public MoveActs {
 public:
  WorkloadMove(const asio::any_io_executor& executor, Host from, Host to, const SshConfig& ssh,
               WorkloadTerms terms, TransferProgress progress);

  [[nodiscard]] Task<Result<std::string>> perform(Act act, MoveRecord* record) override;

 private:
  using Words = Result<std::string>;
  using MemberAct = Task<Words> (WorkloadMove::*)(MoveRecord*, MoveMember*);
  enum class Turn { first_to_last, last_to_first };

  Task<Words> dispatch(Act act, MoveRecord* record);
  Task<Result<void>> connect_for(Act act);
  void forget_all();
  /// The act for each member, until one fails; what each said, with its name where there are
  /// several.
  Task<Words> for_each(MemberAct act, MoveRecord* record, Turn turn);

  // preflight and what it looks at (preflight_acts.cpp)
  Task<Words> preflight(MoveRecord* record, MoveMember* member);
  Task<Result<void>> check_destination_host(const ContainerInspect* container,
                                            const MoveRecord* record);
  Task<Result<void>> check_mounts(const Eligibility* eligibility, const MoveRecord* record);
  Task<Result<void>> check_bind(const MountReport* report);
  Task<Result<std::vector<ContainerMount>>> copied_mounts(const ContainerInspect* container);
  [[nodiscard]] std::optional<StorePlace> store_place() const;
  Task<Result<void>> check_space(const ContainerInspect* container);

  // data (copy_acts.cpp)
  Task<Words> stage_images(MoveRecord* record);
  Task<Words> stage_image(MoveRecord* record, const MoveMember* member);
  Task<Result<Bytes>> send_image(const MoveRecord* record, const ImageInspect* image);
  Task<Result<void>> tag_image(const ContainerInspect* container, const ImageInspect* image);
  Task<Result<Bytes>> send_layers(const MoveRecord* record, const ImageInspect* image);
  [[nodiscard]] Progress tell(const MoveRecord* record, Act act) const;

  // trees (tree_acts.cpp)
  Task<Words> precopy(MoveRecord* record);
  Task<Words> stop_sources(MoveRecord* record);
  Task<Result<bool>> stop_tightly(MoveRecord* record, MoveMember* member);
  Task<Words> final_sync(MoveRecord* record);
  Task<Result<Bytes>> sync_over_way(const MoveRecord* record, std::vector<TreePair> pairs);
  Task<Result<void>> open_way(std::vector<TreePair> pairs);
  Task<Result<void>> compare_digests(std::vector<TreePair> pairs);
  [[nodiscard]] Result<void> within_budget(const MoveRecord& record) const;

  // what guards the two hosts meanwhile (guard_acts.cpp)
  Task<Words> arm_lease(const MoveRecord* record);
  Task<Result<void>> renew_lease();
  Task<Words> fence_sources(MoveRecord* record);
  Task<Result<void>> free_ports(const MoveRecord* record);
  Task<Result<void>> end_lease(const MoveRecord* record);
  Task<Words> start_stub(const MoveRecord* record);
  Task<Words> redirect(MoveRecord* record);
  Task<Words> start_destinations(MoveRecord* record);
  Task<Words> start_sources(MoveRecord* record);
  Task<Words> finish_destinations(MoveRecord* record);
  Task<Words> retire_sources(MoveRecord* record);
  Task<Words> clean(MoveRecord* record);
  Task<Words> remove_retired(MoveRecord* record, MoveMember* member);
  Task<void> leave_nothing(bool keep_stub);
  Task<Result<void>> used_by_copies_alone(ContainerMount volume, const MoveRecord* record);
  Task<Result<void>> add_pairs(const MoveRecord* record, const MoveMember* member,
                               std::vector<TreePair>* pairs);
  Task<Result<std::vector<TreePair>>> tree_pairs(const MoveRecord* record);
  Task<Result<std::vector<std::string>>> at_rest(const MoveRecord* record);
  Task<Result<Bytes>> copy_whole(const MoveRecord* record, TreePair pair);

  // containers (start_acts.cpp)
  Task<Words> create_destination(MoveRecord* record, MoveMember* member);
  Task<Words> make_copy(const ContainerInspect* original, MoveRecord* record, MoveMember* member);
  Task<Words> adopt(const ContainerInspect* original, MoveRecord* record, MoveMember* member);
  Task<Result<void>> join_again(const ContainerInspect* original, const ContainerInspect* adopted,
                                const MoveRecord* record);
  Task<Result<CreateSpec>> spec_of(const ContainerInspect* original, const MoveRecord* record);
  Task<Result<void>> compare_copy(const ContainerInspect* original, const MoveRecord* record,
                                  const MoveMember* member);
  Task<Result<void>> make_networks(const ContainerInspect* container, const CreateSpec* spec,
                                   const MoveRecord* record);
  Task<Result<void>> make_volumes(const ContainerInspect* container, const MoveRecord* record);
  Task<Result<void>> make_volume(const ContainerMount* mount, const MoveRecord* record);
  Task<Words> fence_source(MoveRecord* record, MoveMember* member);
  Task<Words> stop_source(MoveRecord* record, MoveMember* member);
  Task<Words> start_destination(MoveRecord* record, MoveMember* member);
  Task<Result<void>> source_stands_still(MoveRecord* record, MoveMember* member);
  Task<Words> check_destination(MoveRecord* record, MoveMember* member);
  Task<Result<void>> renew_lease_in_time();
  Task<Words> finish_destination(MoveRecord* record, MoveMember* member);
  Task<Words> retire_source(MoveRecord* record, MoveMember* member);

  // the way back (undo_acts.cpp)
  Task<Words> stop_destination(MoveRecord* record, MoveMember* member);
  Task<Words> start_source(MoveRecord* record, MoveMember* member);
  Task<Words> unfence_source(MoveRecord* record, MoveMember* member);
  Task<Words> remove_destination(MoveRecord* record, MoveMember* member);
  Task<Words> remove_destinations(MoveRecord* record);
  Task<Words> put_back(const MoveRecord* record, const MoveMember* member);
  Task<void> empty_bind_folders(const ContainerInspect* copy, const MoveRecord* record);
  Task<void> remove_own_parts(const MoveRecord* record);

  /// The copy: by its id, else by its temporary or final name when it carries this move's label.
  /// Errors: not_found.
  Task<Result<ContainerInspect>> find_copy(const MoveRecord* record, const MoveMember* member);
  Task<Result<ContainerInspect>> inspect_source(const MoveRecord* record, const MoveMember* member);

  RemoteHost source_;
  RemoteHost destination_;
  WorkloadTerms terms_;
  const OrchestratorConfig& config_;
  const Policy& policy_;
  TransferProgress progress_;
  DataWay way_;
  /// What the last round of this connection proved: the digests of the source at rest.
  std::optional<TreesSent> last_;
  std::optional<std::chrono::steady_clock::time_point> armed_at_;
  std::optional<std::chrono::steady_clock::time_point> stopped_at_;
};

}  // namespace plimsoll
