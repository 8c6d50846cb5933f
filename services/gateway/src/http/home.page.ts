import type { BuildRow, RunnerRow, TagRow } from '../read-models/hub.entities.js';

interface Home {
  readonly builds: readonly BuildRow[];
  readonly tags: readonly TagRow[];
  readonly runners: readonly RunnerRow[];
  readonly origin: string;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --busy: #9a6700 }
@media (prefers-color-scheme: dark) { :root { --good: #57c46f; --bad: #ff7b72; --busy: #e3b341 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { margin: 0 0 .25rem } h2 { margin: 2rem 0 .5rem; font-size: 1.15rem }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 600 } th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums }
pre { background: #8881; padding: .75rem; border-radius: .4rem; overflow-x: auto }
.good { color: var(--good) } .bad { color: var(--bad) } .busy { color: var(--busy) }
`;

/** What runs here, and the ways in. Plain HTML: it needs no script. */
export function homePage(home: Home): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tumbi</title><style>${STYLE}</style></head>
<body>
<h1>Tumbi</h1>
<p>Builds Debian source packages in clean roots and publishes them as signed APT repositories.</p>
<nav><a href="/api/openapi.json">API</a> · <a href="/api/events">Events</a> · <a href="/api/health">Health</a> · <a href="/api/dead-letters">Dead letters</a></nav>
<main>
<h2>Builds</h2>
${builds(home.builds)}
<h2>Repositories</h2>
${tags(home.tags, home.origin)}
<h2>Runners</h2>
${runners(home.runners)}
</main>
</body>
</html>
`;
}

function builds(rows: readonly BuildRow[]): string {
  if (!rows.length) return '<p>None yet. Ask for one:</p><pre>npx tumbi build hello</pre>';
  const lines = rows.map(row => {
    const log = row.attempts.some(attempt => attempt.log)
      ? `<a href="/api/builds/${row.id}/log">log</a>`
      : '';
    return `<tr><td><a href="/api/builds/${row.id}">${html(row.source ?? 'upload')}</a> ${html(row.version ?? '')}</td>
<td>${html(row.suite)}</td><td>${html(row.tag)}</td><td class="${tone(row.state)}">${html(row.state)}</td>
<td class="time">${minute(row.requestedAt)}</td><td>${log}</td></tr>`;
  });
  return table(['Source', 'Suite', 'Tag', 'State', 'Requested (UTC)', ''], lines);
}

function tags(rows: readonly TagRow[], base: string): string {
  if (!rows.length) return '<p>None yet; the first build that succeeds makes one.</p>';
  return rows
    .map(row => {
      const url = `${base}/apt/${row.name}/tumbi.sources`;
      const packages = row.published ? `${row.published.packages} packages` : 'not published yet';
      return `<p><strong>${html(row.name)}</strong>: ${packages}, for ${html(row.suite)}</p>
<pre>sudo curl -fsSo /etc/apt/sources.list.d/tumbi-${html(row.name)}.sources \\
  ${html(url)}
sudo apt update</pre>`;
    })
    .join('\n');
}

function runners(rows: readonly RunnerRow[]): string {
  if (!rows.length) return '<p>None has registered: nothing can be built until one does.</p>';
  const lines = rows.map(
    row =>
      `<tr><td>${html(row.name)}</td><td>${html(row.architectures.join(' '))}</td><td>${row.slots}</td><td class="time">${minute(row.registeredAt)}</td></tr>`,
  );
  return table(['Name', 'Architectures', 'Slots', 'Registered (UTC)'], lines);
}

function table(heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map(title => `<th scope="col">${title}</th>`).join('');
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function tone(state: string): string {
  if (state === 'Installed' || state === 'Built') return 'good';
  return ['Needs-Build', 'Building', 'Given-Back'].includes(state) ? 'busy' : 'bad';
}

function minute(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

/** Text for an HTML element or a quoted attribute. */
function html(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
