import type { SessionJson } from '../server/session-json.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'
import { renderDuration } from './units.ts'

const HEADINGS = ['ID', 'NAME', 'STATE', 'AGE', 'VIEWERS', 'PID', 'COMMAND', 'FOLDER']

/** What `conductor ls` prints. A dash: nothing to tell. */
export function renderSessions(
  sessions: readonly SessionJson[],
  nowMs: number,
  style: Style,
): string {
  return renderTable(
    HEADINGS,
    sessions.map(({ id, name, status, createdAt, viewers, pid, command, args, cwd }) => [
      { text: id, paint: (text) => style('bold', text) },
      { text: printable(name) },
      { text: status, paint: (text) => style(status === 'running' ? 'green' : 'yellow', text) },
      { text: renderDuration(nowMs - Date.parse(createdAt)) },
      { text: String(viewers) },
      { text: pid === undefined ? '-' : String(pid) },
      { text: printable([command.replace(/^.*\//, ''), ...args].join(' ')).slice(0, 40) },
      { text: printable(cwd) },
    ]),
  )
}
