import type { JSX } from 'preact'

// Drawn on a grid of 20, in the colour of the text beside them.

const PATHS = {
  activity: 'M3 10.5h3l2-5.5 4 10 2-4.5h3',
  back: 'M15.5 10h-11M9.5 5l-5 5 5 5',
  attach:
    'M14.8 9.2l-5.4 5.4a3.1 3.1 0 0 1-4.4-4.4l5.9-5.9a2.1 2.1 0 0 1 3 3l-5.8 5.8a1 1 0 0 1-1.5-1.5l5.2-5.2',
  bell: 'M5 14h10l-1.2-1.8V9a3.8 3.8 0 0 0-7.6 0v3.2zM8.6 16a1.6 1.6 0 0 0 2.8 0',
  braces:
    'M8 3.8H7a1.6 1.6 0 0 0-1.6 1.6v2.8L3.8 10l1.6 1.8v2.8A1.6 1.6 0 0 0 7 16.2h1M12 3.8h1a1.6 1.6 0 0 1 1.6 1.6v2.8l1.6 1.8-1.6 1.8v2.8a1.6 1.6 0 0 1-1.6 1.6h-1',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  chevron: 'M6 8l4 4 4-4',
  clock: 'M10 5.8V10l2.8 1.8M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  command:
    'M7 5.2A1.8 1.8 0 1 0 5.2 7H7zm0 0v9.6M13 5.2A1.8 1.8 0 1 1 14.8 7H5.2M13 5.2v9.6a1.8 1.8 0 1 0 1.8-1.8H5.2A1.8 1.8 0 1 0 7 14.8',
  copy: 'M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3',
  down: 'M10 4.5v11M5.5 11l4.5 4.5 4.5-4.5',
  download: 'M10 4v9M6.5 9.8L10 13.2l3.5-3.4M4 13.5v2.5h12v-2.5',
  enter: 'M15.5 4.5v5a2 2 0 0 1-2 2H4.8M8 8.2l-3.3 3.3L8 14.8',
  fit: 'M4 7.5V4h3.5M16 7.5V4h-3.5M4 12.5V16h3.5M16 12.5V16h-3.5',
  health:
    'M10 16S3.8 12.6 3.8 8.2A3.2 3.2 0 0 1 10 6.9a3.2 3.2 0 0 1 6.2 1.3C16.2 12.6 10 16 10 16z',
  info: 'M10 9.2v4.3M10 6.6v.1M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z',
  keyboard: 'M3 5.5h14v9H3zM6 8.5h.1M8.7 8.5h.1M11.3 8.5h.1M14 8.5h.1M6 11.7h8',
  layers: 'M10 3.5l6.5 3.3L10 10 3.5 6.8zM3.5 10l6.5 3.3 6.5-3.3M3.5 13.2l6.5 3.3 6.5-3.3',
  link: 'M8.3 11.7l3.4-3.4M9 6.5l1.6-1.6a3.2 3.2 0 0 1 4.5 4.5L13.5 11M11 13.5l-1.6 1.6a3.2 3.2 0 0 1-4.5-4.5L6.5 9',
  logout: 'M8 4.5H5.5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1H8M12.5 13l3-3-3-3M15 10H8.5',
  menu: 'M3.5 6h13M3.5 10h13M3.5 14h13',
  more: 'M4.8 10a.4.4 0 1 0 .8 0 .4.4 0 1 0-.8 0zm4.8 0a.4.4 0 1 0 .8 0 .4.4 0 1 0-.8 0zm4.8 0a.4.4 0 1 0 .8 0 .4.4 0 1 0-.8 0z',
  paste: 'M7.5 4.5h5v2.4h-5zM7.5 5.5H5v10.5h10V5.5h-2.5M7.8 10h4.4M7.8 12.8h4.4',
  pause: 'M7 5v10M13 5v10',
  people:
    'M7.5 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM2.5 16a5 5 0 0 1 10 0M13 9.3a2.4 2.4 0 1 0-.6-4.6M14.3 11.6a4.6 4.6 0 0 1 3.2 4.4',
  pencil: 'M12.5 4.8l2.7 2.7M4.5 15.5l.7-3.2 8-8a1.4 1.4 0 0 1 2 0l.5.5a1.4 1.4 0 0 1 0 2l-8 8z',
  play: 'M6.5 4.5l9 5.5-9 5.5z',
  plus: 'M10 4.5v11M4.5 10h11',
  processes: 'M4 4.5h12v4.2H4zM4 11.3h12v4.2H4zM6.6 6.6h.1M6.6 13.4h.1',
  prompt: 'M4.5 6l4 4-4 4M10.5 14h5',
  regex: 'M12.5 4v6M10 5.5l5 3M15 5.5l-5 3M5.5 14.8h.1',
  restart: 'M15.5 6.5A6.2 6.2 0 1 0 16.2 10M15.8 3.5v3.3h-3.3',
  search: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.7 12.7l3.8 3.8',
  server: 'M3.5 4.5h13v4.5h-13zM3.5 11h13v4.5h-13zM6.2 6.8h.1M6.2 13.2h.1M10 6.8h4M10 13.2h4',
  settings: 'M4 6h6.2M13.8 6H16M4 14h2.2M9.8 14H16M12 4.2v3.6M8 12.2v3.6',
  share: 'M10 12.5v-9M6.8 6.2L10 3.5l3.2 2.7M5 9.5v7h10v-7',
  shield: 'M10 3.5l5.5 2v4.2c0 3.4-2.3 5.8-5.5 6.8-3.2-1-5.5-3.4-5.5-6.8V5.5z',
  sidebar: 'M3.5 4.5h13v11h-13zM8 4.5v11',
  splitDown: 'M3.5 4h13v12h-13zM3.5 10h13',
  splitRight: 'M3.5 4h13v12h-13zM10 4v12',
  stepBack: 'M5 5v10M15 5l-7 5 7 5z',
  stepOn: 'M15 5v10M5 5l7 5-7 5z',
  stop: 'M5.5 5.5h9v9h-9z',
  terminal: 'M3.5 4.5h13v11h-13zM6.3 8l2.2 2-2.2 2M10.5 12.3h3.2',
  text: 'M4 5h12M4 8.3h12M4 11.7h12M4 15h7',
  trash: 'M4.5 6h11M8 6V4.5h4V6M6 6l.6 9.5h6.8L14 6M8.6 8.8v4M11.4 8.8v4',
  up: 'M10 15.5v-11M5.5 9L10 4.5 14.5 9',
  upload: 'M10 13V4M6.5 7.2L10 4l3.5 3.2M4 13.5v2.5h12v-2.5',
  warning: 'M10 4l7 12H3zM10 8.8v3.2M10 13.9v.1',
  wrap: 'M3.5 5.5h13M3.5 10h10.2a2.4 2.4 0 0 1 0 4.8H10M11.8 12.8L9.8 14.8l2 2M3.5 14.5h3',
  zoom: 'M11.5 4.5h4v4M8.5 15.5h-4v-4M15.5 4.5l-4.5 4.5M4.5 15.5L9 11',
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
