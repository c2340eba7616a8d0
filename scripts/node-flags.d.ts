export const SERVICES_NODE_FLAGS: readonly string[];
