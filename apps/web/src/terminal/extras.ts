import type { ITerminalAddon, Terminal } from '@xterm/xterm'
import type { Settings } from '../settings/schema.ts'

/** A picture may have so many pixels, and all of one terminal so many megabytes. */
const MOST_PIXELS = 4_194_304
const MOST_MEGABYTES = 32

/** What most people never need, and what comes only to those who do: each in a file of its own. */
export interface Extras {
  configure(settings: Pick<Settings, 'ligatures' | 'images'>): void
}

/** Nothing but what every module begins with. */
const SMALLEST_MODULE: Uint8Array<ArrayBuffer> = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

type Load = () => Promise<ITerminalAddon>

const LOADERS: Readonly<Record<'ligatures' | 'images', Load>> = {
  async ligatures() {
    const { LigaturesAddon } = await import('@xterm/addon-ligatures')
    return new LigaturesAddon()
  },
  async images() {
    // Its decoders are WebAssembly, which a policy may forbid: then it would fail at the first picture.
    new WebAssembly.Module(SMALLEST_MODULE)
    const { ImageAddon } = await import('@xterm/addon-image')
    return new ImageAddon({
      enableSizeReports: false,
      pixelLimit: MOST_PIXELS,
      storageLimit: MOST_MEGABYTES,
    })
  },
}

/** @param onProblem Told which of them could not be had, and why. */
export function createExtras(
  terminal: Terminal,
  onProblem: (what: 'ligatures' | 'images', cause: unknown) => void,
): Extras {
  const wanted = { ligatures: false, images: false }
  const loaded: Partial<Record<'ligatures' | 'images', ITerminalAddon>> = {}

  function apply(what: 'ligatures' | 'images', addon: ITerminalAddon): void {
    if (!wanted[what] || loaded[what]) return
    terminal.loadAddon(addon)
    loaded[what] = addon
  }

  function want(what: 'ligatures' | 'images', isWanted: boolean): void {
    if (wanted[what] === isWanted) return
    wanted[what] = isWanted
    if (!isWanted) {
      loaded[what]?.dispose()
      delete loaded[what]
      return
    }
    LOADERS[what]()
      .then((addon) => apply(what, addon))
      .catch((cause: unknown) => onProblem(what, cause))
  }

  return {
    configure({ ligatures, images }) {
      // Both draw into the screen, which must be there.
      if (!terminal.element) return
      want('ligatures', ligatures)
      want('images', images)
    },
  }
}
