import { z } from 'zod'
import { readIfThere, writePrivateFile } from '../private-file.ts'

/** A server that this one passes on to, as it is kept. */
export interface KeptRemote {
  readonly id: string
  readonly name: string
  /** Ends with a slash. */
  readonly url: string
  /** Of a login there; absent until somebody has logged in, and after it has ended. */
  readonly token?: string | undefined
}

const file: z.ZodType<{ v: 1; servers: readonly KeptRemote[] }> = z.object({
  v: z.literal(1),
  servers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      url: z.url(),
      token: z.string().optional(),
    }),
  ),
})

export interface RemoteStoreOptions {
  /** Absolute. Mode 0600, because there are tokens in it. */
  readonly path: string
  /** A change could not be written to disk: it holds until the server ends. */
  readonly onTrouble: (error: unknown) => void
}

export interface RemoteStore {
  /** In the order in which they were added. */
  list(): readonly KeptRemote[]
  find(id: string): KeptRemote | undefined
  /** A new one, or one that is not what it was. */
  put(remote: KeptRemote): void
  remove(id: string): void
}

export function createRemoteStore({ path, onTrouble }: RemoteStoreOptions): RemoteStore {
  const remotes = new Map(read(path, onTrouble).map((remote) => [remote.id, remote]))

  function save(): void {
    try {
      writePrivateFile(path, `${JSON.stringify({ v: 1, servers: [...remotes.values()] })}\n`)
    } catch (error) {
      onTrouble(error)
    }
  }

  return {
    list: () => [...remotes.values()],
    find: (id) => remotes.get(id),
    put(remote) {
      remotes.set(remote.id, remote)
      save()
    },
    remove(id) {
      if (remotes.delete(id)) save()
    },
  }
}

/** A file that is not ours any more is told of: the servers in it would be missed. */
function read(path: string, onTrouble: (error: unknown) => void): readonly KeptRemote[] {
  try {
    const text = readIfThere(path)
    return text === undefined ? [] : file.parse(JSON.parse(text)).servers
  } catch (error) {
    onTrouble(error)
    return []
  }
}
