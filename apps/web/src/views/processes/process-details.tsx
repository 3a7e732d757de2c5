import type { ProcessJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { visibleText } from '../../terminal/visible-text.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { bytesText, percentText } from '../../ui/measures.ts'
import type { UsagePoint } from './process-store.ts'
import { checkText, commandText, healthOf, portsOf, readyText } from './process-text.ts'
import { UsageChart } from './usage-chart.tsx'

export interface ProcessDetailsProps {
  readonly process: ProcessJson
  readonly points: readonly UsagePoint[]
  readonly dark: boolean
}

/** What it uses, and how it was defined. Values of its environment stay on the server's side of the eye. */
export function ProcessDetails({ process, points, dark }: ProcessDetailsProps): JSX.Element {
  const { spec, usage, restarts, pid, adopted } = process
  const { limits = {}, dependsOn = {}, env = {} } = spec
  const ports = portsOf(spec)
  return (
    // It is scrolled by keyboard, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="details" tabIndex={0} aria-label="Details">
      <UsageChart
        title="CPU"
        now={percentText(usage?.cpuPercent)}
        note={limits.cpuPercent === undefined ? 'of one core' : `limit ${limits.cpuPercent} %`}
        points={points}
        read={({ cpuPercent }) => cpuPercent}
        text={percentText}
        top={10}
        dark={dark}
      />
      <UsageChart
        title="Memory"
        now={usage ? bytesText(usage.rssBytes) : '–'}
        note={
          limits.memoryBytes === undefined
            ? countOf(usage?.processes)
            : `limit ${bytesText(limits.memoryBytes)}`
        }
        points={points}
        read={({ rssBytes }) => rssBytes}
        text={bytesText}
        top={1_048_576}
        dark={dark}
      />
      <Facts>
        <Fact name="Runs">
          <code>{visibleText(commandText(spec))}</code>
        </Fact>
        {spec.cwd && (
          <Fact name="In">
            <code>{visibleText(spec.cwd)}</code>
          </Fact>
        )}
        <Fact name="Process">
          {pid === undefined ? 'does not run' : `pid ${pid}`}
          {adopted && ', started by an earlier server'}
        </Fact>
        <Fact name="Restarts">{restarts}</Fact>
        {ports.length > 0 && <Fact name="Ports">{ports.join(', ')}</Fact>}
        {spec.socketPath && (
          <Fact name="Socket">
            <code>{visibleText(spec.socketPath)}</code>
          </Fact>
        )}
        <Fact name="Ready">{visibleText(readyText(spec))}</Fact>
        <Fact name="Health">{healthOf(process).word}</Fact>
        {spec.liveness && <Fact name="Lives while">{visibleText(checkText(spec.liveness))}</Fact>}
        {spec.readiness && <Fact name="Ready while">{visibleText(checkText(spec.readiness))}</Fact>}
        <Fact name="Comes back">
          {typeof spec.restart === 'string'
            ? `by the preset ${visibleText(spec.restart)}`
            : spec.restart
              ? 'by a policy of its own'
              : 'by the preset ally'}
        </Fact>
        {Object.keys(dependsOn).length > 0 && (
          <Fact name="Needs">
            {Object.entries(dependsOn)
              .map(([name, condition]) => `${visibleText(name)} (${visibleText(condition)})`)
              .join(', ')}
          </Fact>
        )}
        {spec.groups && spec.groups.length > 0 && (
          <Fact name="Groups">{spec.groups.map(visibleText).join(', ')}</Fact>
        )}
        {Object.keys(env).length > 0 && (
          <Fact name="Variables">{Object.keys(env).map(visibleText).join(', ')}</Fact>
        )}
        <Fact name="Outlives the server">{spec.outlive === false ? 'no' : 'yes'}</Fact>
      </Facts>
    </section>
  )
}

function countOf(processes: number | undefined): string {
  if (processes === undefined) return ''
  return processes === 1 ? 'one process' : `${processes} processes together`
}
