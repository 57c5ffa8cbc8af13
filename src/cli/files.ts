/** Where the files are if nobody says otherwise. */
export const DEFAULT_CONFIGURATION_FILE = "/etc/ipmp/ipmp.yaml";
export const DEFAULT_MPATHD_FILE = "/etc/default/mpathd";
