'use strict';

const every = 2000;
const svgSpace = 'http://www.w3.org/2000/svg';
const open = new Set();
const byId = (id) => document.getElementById(id);

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function rectangle(className, x, width) {
  const made = document.createElementNS(svgSpace, 'rect');
  const attributes = { class: className, x, y: 0, width, height: 10, rx: className === 'mark' ? 0 : 2 };
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/* A bar of 0 to `full` with a mark at `line`. */
function bar(value, line, full) {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 100 10');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  const place = (x) => Math.max(0, Math.min(100, (x / full) * 100));
  const depth = value / line;
  const colour = depth > 1 ? 'fill over' : depth > 0.9 ? 'fill near' : 'fill';
  svg.append(rectangle('track', 0, 100));
  if (value !== null) svg.append(rectangle(colour, 0, place(value)));
  svg.append(rectangle('mark', Math.min(99.2, place(line)), 0.8));
  return svg;
}

function meter(className, label, text, value, line, full) {
  const head = element('span', 'label', label, element('b', '', text));
  return element('span', `meter ${className}`, head, bar(value, line, full));
}

const percent = (value) => (value === null ? '–' : `${value.toFixed(value < 10 ? 1 : 0)} %`);

function bytes(value) {
  if (value === null) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

function duration(s) {
  if (s === null) return 'never seen';
  if (s < 90) return `${Math.round(s)} s ago`;
  if (s < 5400) return `${Math.round(s / 60)} min ago`;
  return `${Math.round(s / 3600)} h ago`;
}

function stateOf(host) {
  if (!host.up) return 'not reached';
  if (host.hot) return 'too deep';
  return host.over_line ? 'over its line' : 'afloat';
}

function summaryOf(host, line) {
  const name = element('span', 'name', element('b', '', host.name), element('small', '', host.address));
  const age = element('small', '', duration(host.age_s));
  const state = element('span', 'state', element('b', '', stateOf(host)), age);
  if (!host.up) return [name, element('span', 'why', host.error || 'no telemetry'), state];
  const level = host.level === null ? '–' : `${Math.round(host.level * 100)} % of its line`;
  return [
    name,
    meter('level', 'level', level, host.level, 1, 1.5),
    meter('', 'CPU', percent(host.cpu_percent), host.cpu_percent, line.cpu_percent, 100),
    meter('', 'memory', percent(host.vm_percent), host.vm_percent, line.vm_percent, 100),
    meter('', 'storage', percent(host.storage_percent), host.storage_percent, line.storage_percent, 100),
    state,
  ];
}

function containersOf(host) {
  if (host.containers.length === 0) {
    return element('p', 'empty', host.up ? 'No containers.' : 'Its containers are not known.');
  }
  const head = element('tr', '', element('th', '', 'container'), element('th', 'image', 'image'),
    element('th', '', 'state'), element('th', 'number', 'CPU'), element('th', 'number', 'memory'));
  const body = element('tbody', '');
  for (const container of host.containers) {
    body.append(element('tr', '', element('td', '', container.name),
      element('td', 'image', element('code', '', container.image)), element('td', '', container.state),
      element('td', 'number', percent(container.cpu_percent)),
      element('td', 'number', bytes(container.memory_bytes))));
  }
  return element('table', '', element('thead', '', head), body);
}

function hostOf(host, line) {
  const className = !host.up ? 'host down' : host.over_line ? 'host over' : 'host';
  const button = element('button', '', ...summaryOf(host, line));
  button.type = 'button';
  button.dataset.host = host.name;
  button.setAttribute('aria-expanded', String(open.has(host.name)));
  const made = element('section', className, button);
  if (open.has(host.name)) made.append(containersOf(host));
  button.addEventListener('click', () => {
    if (!open.delete(host.name)) open.add(host.name);
    show(latest);
  });
  return made;
}

function showSummary(hosts) {
  const count = (test) => hosts.filter(test).length;
  const parts = [['', count((host) => host.up), 'up'], ['over', count((host) => host.over_line), 'over the line'],
    ['down', count((host) => !host.up), 'not reached']];
  const shown = parts.filter(([className, number]) => className === '' || number > 0);
  byId('summary').replaceChildren(...shown.map(([className, number, what]) =>
    element('li', className, `${number} ${what}`)));
}

let latest = null;

function show(fleet) {
  latest = fleet;
  const focused = document.activeElement?.dataset?.host;
  byId('hosts').replaceChildren(...fleet.hosts.map((host) => hostOf(host, fleet.line)));
  if (fleet.hosts.length === 0) byId('hosts').append(element('p', 'empty', 'host.csv names no host.'));
  if (focused) [...document.querySelectorAll('[data-host]')].find((made) => made.dataset.host === focused)?.focus();
  showSummary(fleet.hosts);
  byId('clock').textContent = new Date(fleet.time).toLocaleTimeString();
}

function notice(text) {
  byId('notice').textContent = text;
  byId('notice').hidden = text === '';
}

async function refresh() {
  const token = sessionStorage.getItem('token');
  try {
    const answer = await fetch('api/v1/fleet', { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    byId('login').hidden = answer.status !== 401;
    const body = await answer.json();
    notice(answer.ok ? '' : body.error);
    if (answer.ok) show(body);
  } catch {
    notice('plimsoll does not answer. The figures below are old.');
  }
}

async function loop() {
  if (!document.hidden) await refresh();
  setTimeout(loop, every);
}

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', byId('token').value);
  refresh();
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
loop();
