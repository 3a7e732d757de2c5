import type { JSX } from 'preact'
import { StateMark } from '../../ui/state-mark.tsx'
import { Actions, Cpu, Memory, NameButton, type ProcessRowsProps } from './process-table.tsx'
import { healthOf, portsOf, stateOf, uptimeText } from './process-text.ts'

/** The table where there is no room for one: each process on a card. */
export function ProcessCards(props: ProcessRowsProps): JSX.Element {
  const { processes, usage, nowMs } = props
  return (
    <ul class="cards">
      {processes.map((process) => {
        const points = usage.get(process.name)
        const ports = portsOf(process.spec)
        const health = healthOf(process)
        return (
          <li key={process.name} class="card">
            <div class="card-head">
              <NameButton {...props} process={process} />
              <Actions {...props} process={process} />
            </div>
            <p class="card-state">
              <StateMark {...stateOf(process, nowMs)} />
              {health.word !== '–' && <StateMark {...health} />}
            </p>
            <dl class="card-facts">
              <Fact name="Up">{uptimeText(process, nowMs)}</Fact>
              <Fact name="Restarts">{process.restarts}</Fact>
              <Fact name={ports.length > 1 ? 'Ports' : 'Port'}>{ports.join(', ') || '–'}</Fact>
              <Fact name="PID">{process.pid ?? '–'}</Fact>
              {process.usage && (
                <>
                  <Fact name="CPU" wide>
                    <Cpu process={process} points={points} />
                  </Fact>
                  <Fact name="Memory" wide>
                    <Memory process={process} points={points} />
                  </Fact>
                </>
              )}
            </dl>
          </li>
        )
      })}
    </ul>
  )
}

interface FactProps {
  readonly name: string
  readonly wide?: boolean
  readonly children: JSX.Element | string | number
}

function Fact({ name, wide, children }: FactProps): JSX.Element {
  return (
    <div data-wide={wide}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
