import { setTimeout as sleep } from 'node:timers/promises'
import { startConductor } from '../conductor-server.ts'
import type { Measurement } from '../context.ts'
import { figure, lower } from '../figure.ts'

const LOG_BYTES = 100 * 1024 * 1024

/** Coloured lines of a server's log, of some 120 bytes; none but the first holds what is looked for. */
const WRITER = `
print "the needle\\n";
my $line = "\\e[2m2026-01-31T12:00:00Z\\e[0m \\e[32minfo\\e[0m GET /api/sessions/%d took \\e[1m%d ms\\e[0m, gr\\xc3\\xbc\\xc3\\x9fe\\n";
for (my ($i, $size) = (0, 0); $size < ${LOG_BYTES}; $i++) {
  my $text = sprintf($line, $i * 7919, $i % 97);
  print $text;
  $size += length($text);
}
$| = 1; print "done\\n"; sleep`

const QUERIES: readonly (readonly [string, string, string])[] = [
  ['text', 'a text', 'q=needle'],
  ['case', 'a text, its case too', 'q=needle&case=1'],
  ['regex', 'a regular expression', `q=${encodeURIComponent('n\\w+dle')}&regex=1`],
]

export const search: Measurement = {
  name: 'search',
  about: 'GET /api/search over 100 MiB, until the only hit is read: the very first line',
  async run({ dir, rounds }) {
    const env = { AI_CONDUCTOR_HISTORY_BYTES: '400M' }
    const server = await startConductor({ dir, env })
    try {
      const { id, address } = await server.create('server', ['perl', '-e', WRITER])
      const token = address.headers[0]?.split(': ')[1] ?? ''
      const get = (path: string) =>
        fetch(`http://127.0.0.1:${address.port}${path}`, { headers: { 'x-session-token': token } })
      const hasEnded = async () => {
        const output = await get(`/api/sessions/${id}/output?from=${LOG_BYTES}`)
        return (await output.text()).endsWith('done\r\n')
      }
      while (!(await hasEnded())) await sleep(200)

      const times = new Map<string, number[]>(QUERIES.map(([name]) => [name, []]))
      const others: number[] = []
      for (let round = 0; round < rounds; round++) {
        for (const [name, , query] of QUERIES) {
          let isOver = false
          const asking = slowest(
            () => get('/api/health'),
            () => isOver,
          )
          const begunMs = performance.now()
          const answer = await (await get(`/api/search?${query}`)).text()
          times.get(name)?.push(performance.now() - begunMs)
          isOver = true
          others.push(await asking)
          if (!answer.includes('the needle')) throw new Error(`nothing was found: ${answer}`)
        }
      }
      return [
        ...QUERIES.map(([name, label]) =>
          figure(
            `search.${name}`,
            `${label}, found`,
            'ms',
            times.get(name) ?? [],
            lower(2_000, 1_000),
          ),
        ),
        figure('search.health', 'slowest GET /api/health meanwhile', 'ms', others),
      ]
    } finally {
      await server.close()
    }
  },
}

/** The slowest of many requests, one after the other, in milliseconds. */
async function slowest(ask: () => Promise<Response>, isOver: () => boolean): Promise<number> {
  let most = 0
  while (!isOver()) {
    const begunMs = performance.now()
    await (await ask()).text()
    most = Math.max(most, performance.now() - begunMs)
    await sleep(5)
  }
  return most
}
