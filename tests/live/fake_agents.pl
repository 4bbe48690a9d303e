#!/usr/bin/perl
# Agents that answer well and badly, on loopback addresses of one port; perl-base is on every Debian.
# Usage: fake_agents.pl TELEMETRY.json LOG GOOD_COUNT
# Good ones are 127.0.9.1 and up; the last of them tells a clock that is 49 s ahead. 127.0.9.201
# hangs, 202 drips a byte a second, 203 resets, 204 sends 10 MB, 205 says that its CPU is at 10,000 %.
# Prints the port. Notes "TIME ADDRESS" in LOG for each request to a good one. Ends with its parent.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use POSIX qw(strftime);
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);

my ($file, $log_file, $good) = @ARGV;
open(my $in, '<', $file) or die "$file: $!";
my $telemetry = do { local $/; <$in> };
(my $impossible = $telemetry) =~ s/"percent":[0-9.]+/"percent":10000/;
open(my $log, '>', $log_file) or die "$log_file: $!";
$log->autoflush(1);
$SIG{PIPE} = 'IGNORE';

my ($select, %kind, %listeners, %dripping) = (IO::Select->new);
my $port = 0;
for my $last (1 .. $good, 201 .. 205) {
  my $listener = IO::Socket::INET->new(
    LocalAddr => "127.0.9.$last", LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "$last: $!";
  $port ||= $listener->sockport;
  $listeners{$listener} = $last;
  $select->add($listener);
}
$| = 1;
print "$port\n";

sub answer {
  my ($socket, $body, $ahead) = @_;
  my $now = int((time + $ahead) * 1000);
  my $sampled = strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime(int($now / 1000)));
  $body =~ s/"sampled_at":\s*"[^"]*"/"sampled_at":"$sampled"/;
  $socket->blocking(1);
  print $socket "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Plimsoll-Time-Ms: $now\r\n",
    'Content-Length: ', length($body), "\r\n\r\n", $body;
}

sub drop { my $socket = shift; $select->remove($socket); delete $kind{$socket}; delete $dripping{$socket}; close $socket }

sub asked {
  my ($socket, $last) = @_;
  if ($last <= $good) {
    printf $log "%.3f %d\n", time, $last;
    answer($socket, $telemetry, $last == $good ? 49 : 0);
  } elsif ($last == 202) {
    $dripping{$socket} = $socket;
    syswrite $socket, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n";
  } elsif ($last == 203) {
    setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    drop($socket);
  } elsif ($last == 204) {
    # As much as it takes at once: nobody reads the rest.
    $socket->blocking(0);
    syswrite $socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na00000\r\n" . ' ' x 10_485_760;
  } elsif ($last == 205) {
    answer($socket, $impossible, 0);
  }
}

my $parent = getppid;
my $next_drip = time + 1;
while (getppid == $parent) {
  for my $ready ($select->can_read(0.2)) {
    if (my $last = $listeners{$ready}) {
      my $socket = $ready->accept or next;
      $kind{$socket} = $last;
      $select->add($socket);
    } elsif (sysread $ready, my $request, 65536) {
      asked($ready, $kind{$ready});
    } else {
      drop($ready);
    }
  }
  if (time >= $next_drip) {
    syswrite $_, ' ' for values %dripping;
    $next_drip = time + 1;
  }
}
