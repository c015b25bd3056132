export { streamDuplex, type StreamDuplexOptions } from './stream-duplex.ts'
export {
  smartRecordLibp2pDefaults,
  type SmartRecordLibp2pDefaults,
  type SmartRecordLibp2pStack,
  type YamuxOptions,
} from './libp2p-defaults.ts'
