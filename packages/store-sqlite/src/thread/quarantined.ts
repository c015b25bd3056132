/** How the reason of an update begins that an earlier call has moved to the quarantine. */
export const IN_QUARANTINE = 'in the quarantine: '
