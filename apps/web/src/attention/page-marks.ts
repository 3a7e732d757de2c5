/** The part of the browser that shows a count on an installed page's icon. */
interface Badge {
  readonly setAppBadge?: (count: number) => Promise<void>
  readonly clearAppBadge?: () => Promise<void>
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3d5afe"/><path d="M9 10.5 14.5 16 9 21.5M17.5 21.5H23" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><circle cx="25" cy="7" r="7" fill="#e5484d" stroke="#fff" stroke-width="2"/></svg>`

/**
 * Shows where the browser lists its pages that something waits: a dot on the page's icon, and the count
 * on that of an installed page.
 */
export function createPageMarks(
  page: Document = document,
  badge: Badge = navigator,
): (count: number) => void {
  const link = page.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const usual = link?.href ?? ''
  return (count) => {
    const href = count > 0 ? `data:image/svg+xml,${encodeURIComponent(ICON)}` : usual
    if (link && link.href !== href) link.href = href
    // Refused where the page is not installed; there is nobody to tell.
    const shown = count > 0 ? badge.setAppBadge?.(count) : badge.clearAppBadge?.()
    shown?.catch(() => {})
  }
}
