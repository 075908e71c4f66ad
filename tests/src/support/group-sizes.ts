/** What everything about groups must hold for: members named in each record, and members whom the gateways know. */
export const GROUP_SIZES = [
  { name: 'in small groups', largeGroupMembers: 50 },
  { name: 'in large groups', largeGroupMembers: 1 },
] as const;
