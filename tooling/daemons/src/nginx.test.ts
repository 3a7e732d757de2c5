import { nginx } from './nginx.ts'
import { keepsItsPromises } from './promises.ts'

keepsItsPromises(nginx)
