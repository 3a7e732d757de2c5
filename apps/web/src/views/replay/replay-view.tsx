import './replay-view.css'
import type { JSX } from 'preact'
import { placeKey } from '../../layout/place.ts'
import type { ViewProps } from '../views.ts'
import { localFile, playFile } from './replay-now.ts'
import { ReplayPlayer } from './replay-player.tsx'
import { ReplayStart } from './replay-start.tsx'

/** A session's past, or a recording from a file. */
export function ReplayView(props: ViewProps): JSX.Element {
  const { app, place } = props
  const file = localFile.value
  if (place.id !== '') return <ReplayPlayer key={placeKey(place)} {...props} />
  if (!file) return <ReplayStart app={app} onFile={(chosen) => playFile(app, chosen)} />
  return (
    <ReplayPlayer key={`${file.name} ${file.lastModified} ${file.size}`} {...props} file={file} />
  )
}
