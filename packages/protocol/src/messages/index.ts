export * from './constants.ts'
export { isEnvelope } from './envelope-form.ts'
export { encodeRequest } from './request.ts'
export type {
  CancelControl,
  CreditControl,
  ExplainRequest,
  GetRequest,
  InfoRequest,
  OwnItem,
  PingRequest,
  QueryRequest,
  Request,
  Revision,
  SignedItem,
  UpdateItem,
  UpdateRequest,
  WatchRequest,
  WireStep,
} from './request.ts'
export { peerIdBytes, peerIdText } from './peer-id.ts'
export { readRequest, readRequestHead, type RequestHead } from './read-request.ts'
export {
  answerMessage,
  encodeExplained,
  encodeGot,
  encodeGotShared,
  encodeInformed,
  encodePart,
  encodePong,
  encodeRefusal,
  encodeRows,
  encodeUpdated,
  partMessage,
} from './answer.ts'
export type {
  Cause,
  ChangeItem,
  DocumentItem,
  EventItem,
  ExplainedItem,
  Part,
  RefusalExtra,
  ResetReason,
  RowItem,
  ServerInfo,
  SharedMessage,
  UnreadTag,
  UpdateResult,
} from './answer.ts'
export {
  readExplained,
  readGot,
  readInformed,
  readLast,
  readPart,
  readPong,
  readRefusal,
  readRows,
  readServerMessage,
  readUpdated,
  type Got,
  type Rows,
  type ServerMessage,
} from './read-answer.ts'
