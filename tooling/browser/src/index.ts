export { launchChromium } from './chromium.ts'
export { createUser, type User, type UserOptions } from './user.ts'
