export {
  quorumGet,
  type QuorumClient,
  type QuorumDocument,
  type QuorumOptions,
  type QuorumRecord,
  type QuorumServer,
} from './quorum-get.ts'
