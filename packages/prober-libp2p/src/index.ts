export { createLibp2pProber, type Libp2pProberInit } from './prober.ts'
