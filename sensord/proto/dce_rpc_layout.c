/* SPDX-License-Identifier: BSD-2-Clause
 * Where in a request the telling arguments stand: one line an operation, in the order of its parameters (MS-SCMR,
 * MS-TSCH, MS-SAMR, MS-LSAD, MS-LSAT, MS-RRP, MS-SRVS, MS-WKST, MS-NRPC, MS-RPRN, MS-EFSR, MS-EVEN, MS-EVEN6, MS-DCOM). The
 * letters of a line are read by dce_rpc_argument.c:
 *
 *   h context handle    4 long    e enum (16 bits in NDR)    C pointer to one character
 *   w text, W pointer to one    a text of octets, A pointer to one
 *   u counted text (RPC_UNICODE_STRING), U pointer to one    o, O the same of octets
 *   n array of counted texts, N the same with room and offset
 *   v arguments of a service    j AT_INFO    d DRIVER_CONTAINER    s SHARE_INFO    x task XML    m tower
 *   b g i activations of DCOM: of a named class, of a class object, of an instance
 *
 * each text followed by the letter of its field, or '.' where it is not told. */
#include "base/attributes.h"
#include "dce_rpc.h"

struct layout {
	const char *interface;
	uint16_t opnum;
	const char *shape;
};

static const struct layout layouts[] = {
	{ "epmapper", 3, "m" },
	{ "IActivation", 0, "b" },
	{ "IRemoteSCMActivator", 3, "g" },
	{ "IRemoteSCMActivator", 4, "i" },
	{ "svcctl", 1, "h" }, /* ControlService, Delete, Query …: the handle alone says which service */
	{ "svcctl", 2, "h" },
	{ "svcctl", 6, "h" },
	{ "svcctl", 11, "h444Wc" },
	{ "svcctl", 12, "hwsWD4444wc" },
	{ "svcctl", 15, "WSWn" },
	{ "svcctl", 16, "hws" },
	{ "svcctl", 17, "h" },
	{ "svcctl", 19, "hv" },
	{ "svcctl", 23, "h444Ac" },
	{ "svcctl", 24, "hasAD4444ac" },
	{ "svcctl", 27, "ASAn" },
	{ "svcctl", 28, "has" },
	{ "svcctl", 31, "h" },
	{ "svcctl", 36, "h" },
	{ "svcctl", 37, "h" },
	{ "svcctl", 38, "h" },
	{ "svcctl", 39, "h" },
	{ "svcctl", 40, "h" },
	{ "svcctl", 44, "hasAD4444ac" },
	{ "svcctl", 45, "hwsWD4444wc" },
	{ "svcctl", 50, "h" },
	{ "svcctl", 60, "hwsWD4444wc" },
	{ "svcctl", 64, "WSWn" },
	{ "ITaskSchedulerService", 1, "Wtx" },
	{ "ITaskSchedulerService", 2, "wt" },
	{ "ITaskSchedulerService", 3, "wt" },
	{ "ITaskSchedulerService", 4, "wt" },
	{ "ITaskSchedulerService", 5, "wt" },
	{ "ITaskSchedulerService", 6, "wt" },
	{ "ITaskSchedulerService", 7, "wt" },
	{ "ITaskSchedulerService", 8, "Wt" },
	{ "ITaskSchedulerService", 11, "Wt" },
	{ "ITaskSchedulerService", 12, "wt" },
	{ "ITaskSchedulerService", 13, "wt" },
	{ "ITaskSchedulerService", 14, "wt" },
	{ "ITaskSchedulerService", 15, "wt" },
	{ "ITaskSchedulerService", 16, "wt" },
	{ "ITaskSchedulerService", 17, "wt" },
	{ "ITaskSchedulerService", 19, "wt" },
	{ "atsvc", 0, "WSj" },
	{ "atsvc", 1, "WS" },
	{ "atsvc", 2, "WS" },
	{ "atsvc", 3, "WS" },
	{ "winreg", 6, "huk" },
	{ "winreg", 7, "huk" },
	{ "winreg", 8, "huv" },
	{ "winreg", 9, "h" },
	{ "winreg", 10, "h" },
	{ "winreg", 12, "h" },
	{ "winreg", 13, "hukup" },
	{ "winreg", 15, "huk" },
	{ "winreg", 16, "h" },
	{ "winreg", 17, "huv" },
	{ "winreg", 18, "hukupup" },
	{ "winreg", 19, "hup" },
	{ "winreg", 20, "hup" },
	{ "winreg", 22, "huv" },
	{ "winreg", 23, "huk" },
	{ "winreg", 31, "hup" },
	{ "samr", 5, "hud" },
	{ "samr", 10, "hua" },
	{ "samr", 12, "hua" },
	{ "samr", 14, "hua" },
	{ "samr", 17, "hNa" },
	{ "samr", 50, "hua" },
	{ "samr", 54, "OSoa" },
	{ "samr", 55, "USua" },
	{ "samr", 56, "US" },
	{ "samr", 57, "WS" },
	{ "samr", 62, "WS" },
	{ "samr", 64, "WS" },
	{ "samr", 73, "USua" },
	{ "lsarpc", 14, "hna" },
	{ "lsarpc", 16, "hun" },
	{ "lsarpc", 28, "hun" },
	{ "lsarpc", 42, "hun" },
	{ "lsarpc", 43, "hun" },
	{ "lsarpc", 44, "WS" },
	{ "lsarpc", 48, "hud" },
	{ "lsarpc", 58, "hna" },
	{ "lsarpc", 68, "hna" },
	{ "lsarpc", 77, "na" },
	{ "srvsvc", 8, "WSWr" },
	{ "srvsvc", 9, "WSWpWa" },
	{ "srvsvc", 12, "WSWhWa" },
	{ "srvsvc", 13, "WSWhWa" },
	{ "srvsvc", 14, "WSs" },
	{ "srvsvc", 15, "WS" },
	{ "srvsvc", 16, "WSwr" },
	{ "srvsvc", 17, "WSwr" },
	{ "srvsvc", 18, "WSwr" },
	{ "srvsvc", 19, "WSwr" },
	{ "srvsvc", 21, "WS" },
	{ "srvsvc", 28, "WS" },
	{ "srvsvc", 36, "WS" },
	{ "wkssvc", 0, "WS" },
	{ "wkssvc", 2, "WS" },
	{ "netlogon", 4, "WSwh" },
	{ "netlogon", 5, "WSwaewh" },
	{ "netlogon", 6, "WSwaewh" },
	{ "netlogon", 15, "WSwaewh" },
	{ "netlogon", 26, "WSwaewh" },
	{ "netlogon", 30, "WSwaewh" },
	{ "spoolss", 1, "Wn" },
	{ "spoolss", 62, "h44Wh" },
	{ "spoolss", 65, "h44Wh" },
	{ "spoolss", 69, "Wn" },
	{ "spoolss", 89, "WSd" },
	{ "IRemoteWinspool", 0, "Wn" },
	{ "IRemoteWinspool", 39, "WSd" },
	{ "efsrpc", 0, "wp" },
	{ "efsrpc", 4, "wp" },
	{ "efsrpc", 5, "wp" },
	{ "efsrpc", 6, "wp" },
	{ "efsrpc", 7, "wp" },
	{ "efsrpc", 8, "wp" },
	{ "efsrpc", 9, "wp" },
	{ "efsrpc", 12, "wp" },
	{ "efsrpc", 13, "wpwp" },
	{ "eventlog", 0, "hUp" },
	{ "eventlog", 7, "Cun" },
	{ "IEventService", 6, "hWnWp" },
	{ "IEventService", 7, "hWnw.wp" },
	{ "netdfs", 12, "wSwr" },
	{ "netdfs", 13, "wSwr" },
	{ "FileServerVssAgent", 8, "wr" },
	{ "FileServerVssAgent", 9, "wr" },
};

const char *dce_layout(const struct dce_interface *i, unsigned opnum)
{
	for (size_t k = 0; k < ARRAY_SIZE(layouts); k++)
		if (layouts[k].opnum == opnum && strcmp(layouts[k].interface, i->name) == 0)
			return layouts[k].shape;
	return NULL;
}
