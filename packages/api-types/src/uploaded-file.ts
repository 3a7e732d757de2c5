/** What `POST api/sessions/{id}/files?name=…` answers. */
export interface UploadedFileJson {
  /** Absolute, on the machine of the session. */
  readonly path: string
  /** As it was saved. */
  readonly name: string
  readonly sizeBytes: number
}
