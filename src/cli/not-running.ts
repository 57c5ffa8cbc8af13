/** For people who have never heard of in.mpathd, after the line of Solaris that scripts look for. */
export const NOT_RUNNING =
  "(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";
