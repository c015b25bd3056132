export {
  validateDraft,
  validateUpdate,
  type UpdateStats,
  type ValidatedDraft,
  type ValidatedUpdate,
  type ValidateOptions,
} from './validate-update.ts'
export { compareStamps, MAX_RETAIN_MS, seqTime, type Stamp, type Update, type UpdateDraft } from './update.ts'
export { REMOVE, remove, SET, set, TTL, ttl } from './operators.ts'
export { IrError, type IrErrorCode, type IrErrorDetail } from './errors.ts'
export { copyBytes } from './copy-bytes.ts'
