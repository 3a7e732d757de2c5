import type { GroupSpec } from '../spec/process-spec.ts'
import { type JsonSchema, number, object, record, type Shape, text } from '../spec/shape.ts'
import {
  type FileDefaults,
  type FileSpec,
  fileDefaultsShape,
  fileSpecShape,
  groupShape,
  processName,
} from '../spec/spec-shape.ts'

/** A processes file, as it is written: times and sizes may be texts, paths relative to it. */
export interface FileContent {
  /** For editors. */
  readonly $schema?: string
  /** Default: 1, and there is no other. */
  readonly version?: number
  /** Each under its name. */
  readonly processes: Readonly<Record<string, FileSpec>>
  readonly groups?: Readonly<Record<string, GroupSpec>>
  /** What every process has that does not say otherwise. `env` is added to, all else is replaced. */
  readonly defaults?: FileDefaults
}

export const fileShape: Shape<FileContent> = object<FileContent>(
  { processes: record(fileSpecShape, processName) },
  {
    $schema: text(),
    version: number('version', { min: 1, max: 1 }),
    groups: record(groupShape, processName),
    defaults: fileDefaultsShape,
  },
)

/** Draft 2020-12, for editors: what the file may hold. What only makes sense together is checked on reading. */
export function processesFileSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Conductor processes file',
    ...fileShape.schema,
  }
}
