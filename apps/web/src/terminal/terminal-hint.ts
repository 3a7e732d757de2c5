/**
 * What a screen reader says of a terminal besides its name: every key goes to the program, Tab too, so
 * the ways out have to be told before somebody needs them.
 */
export const TERMINAL_HINT: string = [
  'Every key goes to the program, Tab too.',
  'Control Shift L leads to the list of sessions, Control Shift Z to what follows the terminal,',
  'Control Shift H shows all shortcuts.',
  'With Control Shift P, and the words “screen readers”, its output is written as text.',
].join(' ')
