import type { JSX } from 'preact'

// Drawn on a grid of 20, in the colour of the text beside them.

const PATHS = {
  plus: 'M10 4.5v11M4.5 10h11',
  menu: 'M3.5 6h13M3.5 10h13M3.5 14h13',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  pencil: 'M12.5 4.8l2.7 2.7M4.5 15.5l.7-3.2 8-8a1.4 1.4 0 0 1 2 0l.5.5a1.4 1.4 0 0 1 0 2l-8 8z',
  trash: 'M4.5 6h11M8 6V4.5h4V6M6 6l.6 9.5h6.8L14 6M8.6 8.8v4M11.4 8.8v4',
  logout: 'M8 4.5H5.5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1H8M12.5 13l3-3-3-3M15 10H8.5',
  prompt: 'M4.5 6l4 4-4 4M10.5 14h5',
  fit: 'M4 7.5V4h3.5M16 7.5V4h-3.5M4 12.5V16h3.5M16 12.5V16h-3.5',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** What the product is recognised by. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M9 10.5 14.5 16 9 21.5M17.5 21.5H23" />
    </svg>
  )
}
