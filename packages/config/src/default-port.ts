/** The gateway's port unless the file says otherwise. */
export const defaultPort = 18789;
