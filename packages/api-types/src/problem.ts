/** What stands in an answer that is no success. */
export interface ProblemJson {
  /** For a person, without a full stop. */
  readonly error: string
  /** For a program, UPPER_SNAKE. */
  readonly code?: string | undefined
  readonly details?: readonly { readonly field: string; readonly problem: string }[] | undefined
}
