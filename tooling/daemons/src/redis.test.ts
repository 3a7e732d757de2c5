import { keepsItsPromises } from './promises.ts'
import { redis } from './redis.ts'

keepsItsPromises(redis)
