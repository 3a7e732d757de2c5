import type { ViewKind } from '../views.ts'

// The example for every other view: copy this folder.

export const view: ViewKind = {
  kind: 'settings',
  title: 'Settings',
  icon: 'settings',
  keys: ['Ctrl+Shift+S'],
  load: async () => ({ View: (await import('./settings-view.tsx')).SettingsView }),
  commands: (app) => [
    {
      id: 'settings.reset',
      title: 'Set all settings back',
      group: 'Settings',
      icon: 'restart',
      run: () => app.settings.reset(),
    },
    ...(['system', 'light', 'dark'] as const).map((theme) => ({
      id: `settings.theme.${theme}`,
      title:
        theme === 'system'
          ? 'Light or dark as the system'
          : `${theme === 'dark' ? 'Dark' : 'Light'} page`,
      group: 'Settings',
      icon: 'settings' as const,
      when: () => app.settings.values.value.theme !== theme,
      run: () => app.settings.set('theme', theme),
    })),
  ],
}
