import { accessSync, constants } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/** The absolute path of an executable file in one of these folders. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  return folders
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
