import type { Question } from './read-health.ts'

// What the server's checks mean, and what to do about them.

export const QUESTION_TEXTS: Readonly<
  Record<Question, { readonly title: string; readonly yes: string; readonly no: string }>
> = {
  livez: {
    title: 'It is alive',
    yes: 'The server works through what it is asked.',
    no: 'The server hangs. A supervisor would restart it; sessions go on meanwhile.',
  },
  readyz: {
    title: 'It takes work',
    yes: 'Sessions and processes are there, and new ones can be started.',
    no: 'The server should be given no work now. What it has goes on.',
  },
  startupz: {
    title: 'It has come up',
    yes: 'Everything of the server before it was found again.',
    no: 'The server still looks for sessions and processes of the one before it.',
  },
}

const CHECK_TEXTS: Readonly<Record<string, { readonly means: string; readonly todo: string }>> = {
  ping: { means: 'it answers at all', todo: 'See its log: conductor server logs.' },
  loop: {
    means: 'nothing holds it up for longer than 5 s',
    todo: 'Something keeps its only thread busy, or the machine is short of CPU. Look at what else runs there.',
  },
  sessions: {
    means: 'the sessions of the server before were found',
    todo: 'It is still starting. With very many sessions that takes a while.',
  },
  processes: {
    means: 'the manager of processes works',
    todo: 'It was closed, as at the end of the server. Start the server again.',
  },
  shutdown: {
    means: 'it is not about to end',
    todo: 'It was told to end. Whoever did that will start it again, or has a reason not to.',
  },
}

export function checkMeans(name: string): string {
  return CHECK_TEXTS[name]?.means ?? name
}

export function checkTodo(name: string): string {
  return CHECK_TEXTS[name]?.todo ?? 'See the log of the server.'
}

/** What the link to the apps that need this server does. */
export const LINK_TEXTS: Readonly<Record<string, string>> = {
  unbound: 'Nobody can link to this server, as its socket could not be made.',
  idle: 'No app has linked itself to this server, so it ends only when it is told to.',
  connected: 'An app needs this server. It ends when the last one has gone.',
  held: 'It ends with no app: it belongs to nobody.',
  grace: 'The last app has gone. If none comes back, the server ends in some seconds.',
  closing: 'It is ending.',
  fired: 'The last app has gone, so the server is ending.',
}

/** How full a disk may be before somebody should know. */
export function diskTone(freeBytes: number, totalBytes: number): 'good' | 'warn' | 'danger' {
  const share = totalBytes > 0 ? freeBytes / totalBytes : 1
  if (freeBytes < 200 * 1024 * 1024 || share < 0.02) return 'danger'
  return freeBytes < 1024 ** 3 || share < 0.08 ? 'warn' : 'good'
}
