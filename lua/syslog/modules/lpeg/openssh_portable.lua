--[[
The log messages of OpenSSH (the portable version) as printf specifications, for the printf_messages
of a decoder's configuration.

Exports
  printf_messages   a list of {format, name, ...} as lpeg.printf takes them: 184 formats. The names
                    are those of the C variables that OpenSSH logs. Some columns are patterns: in
                    particular ssh_remote_ipaddr of the first message (Accepted, Failed, Partial
                    and Postponed authentications) is a field {value, representation}.

The order matters: of the messages that fit a sample equally well, the first is taken.
--]]

local l = require "lpeg"
l.locale(l)
local string = require "string"
local ip = require "lpeg.ip_address"

local ipairs = ipairs

local P, S, Cg = l.P, l.S, l.Cg

-- Columns that need a pattern of their own: words that OpenSSH may leave out, and values that end
-- elsewhere than printf's %s does.
local patterns = {
    ["=slash"] = P"/"^-1,
    ["=colon"] = P":"^-1,
    ["=colon space"] = P": "^-1,
    ["=space"] = P" "^-1,
    ["=for"] = P" for "^-1,
    ["=invalid user"] = P"invalid user "^-1,
    ["=rdomain"] = P" rdomain "^-1,
    ["=method"] = Cg((1 - S"/ ")^1, "method"),
    ["=submethod"] = Cg((1 - P" ")^1, "submethod")^-1,
    ["=address"] = Cg(ip.v4_field + ip.v6_field, "ssh_remote_ipaddr"),
    ["=port text"] = Cg(l.digit^1, "strport"),
    ["=reason"] = Cg((1 - P":")^0, "reason2txt"),
}

-- By source file, in the order in which they are tried. {name} behind a conversion names its value,
-- {=name} stands for one of the patterns above.
local sources = {
    { -- auth.c: authentications
        "%s{authmsg} %s{=method}%s{=slash}%s{=submethod} for %s{=invalid user}%.100s{user} from "
            .. "%.200s{=address} port %d{ssh_remote_port} ssh2%s{=colon}%s{extra}",
    },
    { -- nchan.c
        "channel %d{self}: chan_shutdown_write: close() failed for fd %d{wfd}: %.100s{strerror}",
        "channel %d{self}: chan_shutdown_read: close() failed for fd %d{rfd}: %.100s{strerror}",
    },
    { -- openbsd-compat/port-aix.c
        "Can't retrieve attribute SYSTEM for %s{user}: %.100s{strerror}",
        "Can't retrieve attribute auth1 for %s{user}: %.100s{strerror}",
        "Account %s{user} has unsupported auth1 value '%s{p}'",
        "Password can't be changed for user %s{name}: %.100s{msg}",
        "Login restricted for %s{pw_name}: %.100s{msg}",
    },
    { -- openbsd-compat/port-linux.c
        "%s{__func__}: getcon failed with %s{strerror}",
    },
    { -- mux.c
        "%s{__func__}: invalid forwarding type %u{ftype}",
        "%s{__func__}: streamlocal and dynamic forwards are mutually exclusive",
        "%s{__func__}: invalid listen port %u{listen_port}",
        "%s{__func__}: invalid connect port %u{connect_port}",
        "%s{__func__}: missing connect host",
        "slave-requested %s{fwd_desc} failed",
    },
    { -- sshconnect.c
        'Server version "%.100s{remote_version}" uses unsafe RSA signature scheme; disabling use '
            .. 'of RSA keys',
        "%s{type} host key for IP address '%.128s{ip}' not in list of known hosts.",
        "Failed to add the %s{type} host key for IP address '%.128s{ip}' to the list of known "
            .. "hosts (%.500s{user_hostfiles}).",
        "Warning: Permanently added the %s{type} host key for IP address '%.128s{ip}' to the "
            .. "list of known hosts.",
        "Host key fingerprint is %s{fp}\n%s{ra}",
        "Failed to add the host to the list of known hosts (%.500s{user_hostfiles}).",
        "Warning: Permanently added '%.200s{hostp}' (%s{type}) to the list of known hosts.",
        "%s{msg}",
        "WARNING: %s{key_type} key found for host %s{host}\nin %s{file}:%lu{line}\n%s{key_type} "
            .. "key fingerprint %s{fp}.",
    },
    { -- ssh-keygen.c
        "%s{path}:%lu{linenum}: ignoring host name with wildcard: %.64s{hosts}",
        "%s{path}:%lu{linenum}: invalid line",
        "Host %s{name} not found in %s{identity_file}",
        "WARNING: %s{old} contains unhashed entries",
        'Signed %s{sshkey_cert_type} key %s{out}: id "%s{key_id}" serial '
            .. '%llu{serial}%s{=for}%s{cert_principals} valid %s{valid}',
    },
    { -- auth2.c
        'Authentication methods list "%s{auth_methods}" contains disabled method, skipping',
    },
    { -- auth-options.c
        "Authentication tried for %.100s{pw_name} with correct key but not from a permitted host "
            .. "(host=%.200s{remote_host}, ip=%.200s{remote_ip}).",
        "Bad options in %.100s{file} file, line %lu{linenum}: %.50s{opts}",
        "Authentication tried for %.100s{pw_name} with valid certificate but not from a "
            .. "permitted host (ip=%.200s{remote_ip}).",
        'Certificate extension "%s{name}" is not supported',
    },
    { -- gss-serv-krb5.c
        "krb5_parse_name(): %.100s{errmsg}",
        "Authorized to %s{name}, krb5 principal %s{value} (krb5_kuserok)",
        "krb5_cc_new_unique(): %.100s{errmsg}",
        "krb5_cc_gen_new(): %.100s{krb5_get_err_text}",
        "ssh_krb5_cc_gen(): %.100s{errmsg}",
        "krb5_cc_initialize(): %.100s{errmsg}",
    },
    { -- dh.c
        "WARNING: could not open %s{_PATH_DH_MODULI} (%s{strerror}), using fixed modulus",
        "WARNING: no suitable primes in %s{_PATH_DH_MODULI}",
        "WARNING: line %d{which} disappeared in %s{_PATH_DH_MODULI}, giving up",
        "invalid public DH value (%d{bits_set}/%d{BN_num_bits})",
    },
    { -- session.c
        "User %.100s{pw_name} not allowed because %s{nl} exists",
        "subsystem request for %.100s{subsys} by user %s{pw_name} failed, subsystem not found",
        "%s{__func__}: no session %d{self} req %.100s{rtype}",
    },
    { -- sftp-client.c
        "%s{new_src}: not a regular file\n",
        "%s{filename}: lstat failed: %s{strerror}",
    },
    { -- sshd.c
        "RESTART FAILED: av[0]='%.100s{saved_argv}', error: %.100s{strerror}.",
        "Could not write ident string to %s{ssh_remote_ipaddr} port %d{ssh_remote_port}",
        "Did not receive identification string from %s{ssh_remote_ipaddr} port "
            .. "%d{ssh_remote_port}",
        "Bad protocol version identification '%.100s{client_version_string}' from "
            .. "%s{ssh_remote_ipaddr} port %d{ssh_remote_port}",
        "probed from %s{ssh_remote_ipaddr} port %d{ssh_remote_port} with "
            .. "%s{client_version_string}. Don't panic.",
        "scanned from %s{ssh_remote_ipaddr} port %d{ssh_remote_port} with "
            .. "%s{client_version_string}. Don't panic.",
        'Client version "%.100s{remote_version}" uses unsafe RSA signature scheme; disabling use '
            .. 'of RSA keys',
        "Protocol major versions differ for %s{ssh_remote_ipaddr} port %d{ssh_remote_port}: "
            .. "%.200s{server_version_string} vs. %.200s{client_version_string}",
        "Server listening on %s{ntop} port %s{=port text}%s{=rdomain}%s{rdomain}.",
        "Received signal %d{received_sigterm}; terminating.",
    },
    { -- auth.c
        "User %.100s{pw_name} not allowed because account is locked",
        "User %.100s{pw_name} not allowed because shell %.100s{shell} does not exist",
        "User %.100s{pw_name} not allowed because shell %.100s{shell} is not executable",
        "User %.100s{pw_name} from %.100s{hostname} not allowed because listed in DenyUsers",
        "User %.100s{pw_name} from %.100s{hostname} not allowed because not listed in AllowUsers",
        "User %.100s{pw_name} from %.100s{hostname} not allowed because not in any group",
        "User %.100s{pw_name} from %.100s{hostname} not allowed because a group is listed in "
            .. "DenyGroups",
        "User %.100s{pw_name} from %.100s{hostname} not allowed because none of user's groups "
            .. "are listed in AllowGroups",
        "ROOT LOGIN REFUSED FROM %.200s{ssh_remote_ipaddr} port %d{ssh_remote_port}",
        "Authentication refused for %.100s{pw_name}: bad owner or modes for %.200s{user_hostfile}",
        "User %s{pw_name} %s{file_type} %s{file} is not a regular file",
        "Authentication refused: %s{line}",
        "Login name %.100s{user} does not match stored username %.100s{pw_name}",
        "Invalid user %.100s{user} from %.100s{ssh_remote_ipaddr} port %d{ssh_remote_port}",
        'Nasty PTR record "%s{name}" is set up for %s{ntop}, ignoring',
        "reverse mapping checking getaddrinfo for %.700s{name} [%s{ntop}] failed.",
        "Address %.100s{ntop} maps to %.600s{name}, but this does not map back to the address.",
    },
    { -- dispatch.c
        "dispatch_protocol_error: type %d{type} seq %u{seq}",
        "dispatch_protocol_ignore: type %d{type} seq %u{seq}",
    },
    { -- clientloop.c
        'DISPLAY "%s{display}" invalid; disabling X11 forwarding',
        "Timeout, server %s{host} not responding.",
    },
    { -- auth2-pubkey.c
        "%s{__func__}: unsupported public key algorithm: %s{pkalg}",
        "refusing previously-used %s{sshkey_type} key",
        "%s{__func__}: key type %s{sshkey_ssh_name} not in PubkeyAcceptedKeyTypes",
    },
    { -- monitor.c
        "wrong user name passed to monitor: expected %s{userstyle} != %.100s{cp}",
    },
    { -- auth-shadow.c
        "Account %.100s{sp_namp} has expired",
        "User %.100s{user} password has expired (root forced)",
        "User %.100s{user} password has expired (password aged)",
    },
    { -- auth-rhosts.c
        "User %s{server_user} hosts file %s{filename} is not a regular file",
        "Rhosts authentication refused for %.100s{pw_name}: no home directory %.200s{pw_dir}",
        "Rhosts authentication refused for %.100s{pw_name}: bad ownership or modes for home "
            .. "directory.",
        "Rhosts authentication refused for %.100s{pw_name}: bad modes for %.200s{buf}",
    },
    { -- ssh.c
        "No user exists for uid %lu{original_real_uid}",
        "%s{SSH_RELEASE}, %s{version}",
        "Allocated port %u{allocated_port} for remote forward to "
            .. "%s{connect_host}:%d{connect_port}",
        "Warning: remote port forwarding failed for listen path %s{listen_path}",
        "Warning: remote port forwarding failed for listen port %d{listen_port}",
    },
    { -- moduli.c
        "Limited memory: %u{largememory} MB; limit %lu{LARGE_MAXIMUM} MB",
        "Increased memory: %u{largememory} MB; need %u{bytes} bytes",
        "Decreased memory: %u{largememory} MB; want %u{bytes} bytes",
        "%.24s{ctime} Sieve next %u{largenumbers} plus %u{power}-bit",
        "%.24s{ctime} Sieved with %u{largetries} small primes in %lld{duration} seconds",
        "%.24s{ctime} Found %u{r} candidates",
        "mkstemp(%s{tmp}): %s{strerror}",
        "write_checkpoint: fdopen: %s{strerror}",
        "failed to write to checkpoint file '%s{cpfile}': %s{strerror}",
        "Failed to load checkpoint from '%s{cpfile}'",
        "Loaded checkpoint from '%s{cpfile}' line %lu{lineno}",
        "%.24s{ctime} processed %lu{processed} in %s{fmt_time}",
        "%.24s{ctime} processed %lu{processed} of %lu{num_to_process} (%lu{percent}%%) in "
            .. "%s{fmt_time}, ETA %s{eta_str}",
        "%.24s{ctime} Found %u{count_out} safe primes of %u{count_possible} candidates in "
            .. "%ld{duration} seconds",
    },
    { -- channels.c
        "%s{__func__}: %d{id}: bad id",
        "%s{__func__}: %d{id}: bad id: channel free",
        "Non-public channel %d{id}, type %d{type}.",
        "channel_send_open: %d{id}: bad id",
        "%s{__func__}: %d{id}: unknown channel id",
        "channel %d{self}: rcvd big packet %zu{win_len}, maxpack %u{local_maxpacket}",
        "channel %d{self}: rcvd too much data %zu{win_len}, win %u{local_window}",
        "channel %d{self}: ext data for non open",
        "channel %d{self}: bad ext data",
        "channel %d{self}: rcvd too much extended_data %zu{data_len}, win %u{local_window}",
        "channel %d{self}: open failed: %s{=reason}%s{=colon space}%s{msg}",
        "Received window adjust for non-open channel %d{id}.",
        "%s{__func__}: %d{id}: unknown",
        "Received request to connect to host %.100s{host} port %d{port}, but the request was "
            .. "denied.",
        "Received request to connect to path %.100s{path}, but the request was denied.",
    },
    { -- serverloop.c
        "Timeout, client not responding from %s{remote_id}",
        "Exiting on signal %d{received_sigterm}",
        "refused local port forward: originator %s{originator} port %d{originator_port}, target "
            .. "%s{target} port %d{target_port}",
        "refused streamlocal port forward: originator %s{originator} port %d{originator_port}, "
            .. "target %s{target}",
    },
    { -- packet.c
        "Finished discarding for %.200s{ssh_remote_ipaddr} port %d{ssh_remote_port}",
        "Bad packet length %u{packlen}.",
        "padding error: need %d{need} block %d{block_size} mod %d{need % block_size}",
        "Disconnecting %s{remote_id}: %.100s{buf}",
        "packet_set_maxsize: called twice: old %d{max_packet_size} new %d{s}",
        "packet_set_maxsize: bad size %d{s}",
    },
    { -- compat.c
        "ignoring bad proto spec: '%s{p}'.",
    },
    { -- ttymodes.c
        "tcgetattr: %.100s{strerror}",
        "parse_tty_modes: unknown opcode %d{opcode}",
        "parse_tty_modes: n_bytes_ptr != n_bytes: %d{n_bytes_ptr} %d{n_bytes}",
        "Setting tty modes failed: %.100s{strerror}",
    },
    { -- sftp-server.c
        '%s{emsg}%s{=space}close "%s{handle_to_name}" bytes read %llu{handle_bytes_read} written '
            .. '%llu{handle_bytes_write}',
        '%s{emsg}%s{=space}closedir "%s{handle_to_name}"',
        "sent status %s{status_to_message}",
        'open "%s{name}" flags %s{string_from_portable} mode 0%o{mode}',
        'set "%s{name}" size %llu{size}',
        'set "%s{name}" mode %04o{perm}',
        'set "%s{name}" modtime %s{buf}',
        'set "%s{name}" owner %lu{uid} group %lu{gid}',
        'opendir "%s{path}"',
        'remove name "%s{name}"',
        'mkdir name "%s{name}" mode 0%o{mode}',
        'rmdir name "%s{name}"',
        'rename old "%s{oldpath}" new "%s{newpath}"',
        'symlink old "%s{oldpath}" new "%s{newpath}"',
        'posix-rename old "%s{oldpath}" new "%s{newpath}"',
        'statvfs "%s{path}"',
        'hardlink old "%s{oldpath}" new "%s{newpath}"',
        "session closed for local user %s{pw_name} from [%s{client_addr}]",
        "session opened for local user %s{pw_name} from [%s{client_addr}]",
    },
    { -- loginrec.c
        "Writing login record failed for %s{username}",
        "%s{__func__}: tty not found",
        "%s{__func__}: lseek: %s{strerror}",
        "%s{__func__}: Couldn't seek to tty %d{tty} slot in %s{UTMP_FILE}",
        "%s{__func__}: error writing %s{UTMP_FILE}: %s{strerror}",
        "%s{__func__}: utmp_write_library() failed",
        "%s{__func__}: utmp_write_direct() failed",
        "%s{__func__}: invalid type field",
        "%s{__func__}: not implemented!",
        "%s{__func__}: problem writing %s{WTMP_FILE}: %s{strerror}",
        "%s{__func__}: problem opening %s{WTMP_FILE}: %s{strerror}",
        "%s{__func__}: couldn't stat %s{WTMP_FILE}: %s{strerror}",
        "%s{__func__}: read of %s{WTMP_FILE} failed: %s{strerror}",
        "%s{__func__}: logout() returned an error",
        "%s{__func__}: Invalid type field",
        "%s{__func__}: Couldn't stat %s{LASTLOG_FILE}: %s{strerror}",
        "%s{__func__}: %.100s{LASTLOG_FILE} is not a file or directory!",
        "%s{__func__}: %s{lastlog_file}->lseek(): %s{strerror}",
        "%s{__func__}: Error writing to %s{LASTLOG_FILE}: %s{strerror}",
        "%s{__func__}: fstat of %s{_PATH_BTMP} failed: %s{strerror}",
        "Excess permission or bad ownership on file %s{_PATH_BTMP}",
    },
    { -- auth-krb5.c
        "mkstemp(): %.100s{strerror}",
        "fchmod(): %.100s{strerror}",
    },
    { -- auth2-hostbased.c
        "%s{__func__}: key type %s{sshkey_type} not in HostbasedAcceptedKeyTypes",
        "userauth_hostbased mismatch: client sends %s{chost}, but we resolve %s{ipaddr} to "
            .. "%s{resolvedname}",
    },
}

local function specification(text)
    local columns = { "" }
    columns[1] = string.gsub(text, "{([^}]*)}", function(name)
        columns[#columns + 1] = patterns[name] or name
        return ""
    end)
    return columns
end

local M = { printf_messages = {} }

for _, source in ipairs(sources) do
    for _, text in ipairs(source) do
        M.printf_messages[#M.printf_messages + 1] = specification(text)
    end
end

return M
