/* SPDX-License-Identifier: BSD-2-Clause
 * Known DCE/RPC interfaces, in the order of their UUIDs: name, usual named pipe, operations, and how an operation says
 * what became of it. Those that MEASURES section 13 asks for and those that other sensors and the Microsoft Open
 * Specifications name. */
#include "base/attributes.h"
#include "dce_rpc.h"
#include "dce_rpc_operations.h"

#define OPERATIONS(list) list, ARRAY_SIZE(list)
#define UNNAMED NULL, 0

/* clang-format off */
const struct dce_interface dce_interfaces[] = {
	{ "00000001-0000-0000-c000-000000000046", "IClassFactory", NULL, OPERATIONS(in_IClassFactory), DCE_HRESULT },
	{ "00000131-0000-0000-c000-000000000046", "IRemUnknown", NULL, OPERATIONS(in_IRemUnknown), DCE_HRESULT },
	{ "00000134-0000-0000-c000-000000000046", "IRundown", NULL, OPERATIONS(in_IRundown), DCE_HRESULT },
	{ "00000143-0000-0000-c000-000000000046", "IRemUnknown2", NULL, OPERATIONS(in_IRemUnknown2), DCE_HRESULT },
	{ "000001a0-0000-0000-c000-000000000046", "IRemoteSCMActivator", NULL, OPERATIONS(in_IRemoteSCMActivator), DCE_HRESULT },
	{ "00020400-0000-0000-c000-000000000046", "IDispatch", NULL, OPERATIONS(in_IDispatch), DCE_HRESULT },
	{ "00020401-0000-0000-c000-000000000046", "ITypeInfo", NULL, OPERATIONS(in_ITypeInfo), DCE_HRESULT },
	{ "027947e1-d731-11ce-a357-000000000001", "IEnumWbemClassObject", NULL, OPERATIONS(in_IEnumWbemClassObject), DCE_HRESULT },
	{ "0a74ef1c-41a4-4e06-83ae-dc74fb1cdd53", "idletask", NULL, OPERATIONS(in_idletask), DCE_NO_RESULT },
	{ "0b0a6584-9e0f-11cf-a3cf-00805f68cb1b", "localepmp", NULL, UNNAMED, DCE_NO_RESULT },
	{ "0b6edbfa-4a24-4fc6-8a23-942b1eca65d1", "IRPCAsyncNotify", NULL, OPERATIONS(in_IRPCAsyncNotify), DCE_NO_RESULT },
	{ "0d72a7d4-6148-11d1-b4aa-00c04fb66ea0", "ICertProtect", NULL, UNNAMED, DCE_NO_RESULT },
	{ "1088a980-eae5-11d0-8d9b-00a02453c337", "qm2qm", NULL, OPERATIONS(in_qm2qm), DCE_NO_RESULT },
	{ "11899a43-2b68-4a76-92e3-a3d6ad8c26ce", "TermSrvNotification", "TermSrv_API_service", OPERATIONS(in_TermSrvNotification), DCE_NO_RESULT },
	{ "12345678-1234-abcd-ef00-0123456789ab", "spoolss", "spoolss", OPERATIONS(in_spoolss), DCE_WIN32 },
	{ "12345678-1234-abcd-ef00-01234567cffb", "netlogon", "netlogon", OPERATIONS(in_netlogon), DCE_NTSTATUS },
	{ "12345778-1234-abcd-ef00-0123456789ab", "lsarpc", "lsarpc", OPERATIONS(in_lsarpc), DCE_NTSTATUS },
	{ "12345778-1234-abcd-ef00-0123456789ac", "samr", "samr", OPERATIONS(in_samr), DCE_NTSTATUS },
	{ "12b81e99-f207-4a4c-85d3-77b42f76fd14", "ISeclogon", NULL, OPERATIONS(in_ISeclogon), DCE_WIN32 },
	{ "1544f5e0-613c-11d1-93df-00c04fd7bd09", "exchange_rfr", NULL, OPERATIONS(in_exchange_rfr), DCE_NO_RESULT },
	{ "17fc11e9-c258-4b8d-8d07-2f4125156244", "MSVSTRACE WPP", NULL, UNNAMED, DCE_NO_RESULT },
	{ "17fdd703-1827-4e34-79d4-24a55c53bb37", "msgsvc", "msgsvc", OPERATIONS(in_msgsvc), DCE_WIN32 },
	{ "1a9134dd-7b39-45ba-ad88-44d01ca47f28", "RemoteRead", NULL, OPERATIONS(in_RemoteRead), DCE_NO_RESULT },
	{ "1c1c45ee-4395-11d2-b60b-00104b703efd", "IWbemFetchSmartEnum", NULL, OPERATIONS(in_IWbemFetchSmartEnum), DCE_HRESULT },
	{ "1d55b526-c137-46c5-ab79-638f2a68e869", "IRpcRemoteDbgCtrl", NULL, UNNAMED, DCE_NO_RESULT },
	{ "1ff70682-0a51-30e8-076d-740be8cee98b", "atsvc", "atsvc", OPERATIONS(in_atsvc), DCE_WIN32 },
	{ "20610036-fa22-11cf-9823-00a0c911e5df", "rasrpc", "ROUTER", UNNAMED, DCE_WIN32 },
	{ "2c9273e0-1dc3-11d3-b364-00105a1f8177", "IWbemRefreshingServices", NULL, OPERATIONS(in_IWbemRefreshingServices), DCE_HRESULT },
	{ "2f59a331-bf7d-48cb-9ec5-7c090d76e8b8", "lcrpc", "lcrpc", OPERATIONS(in_lcrpc), DCE_NO_RESULT },
	{ "2f5f3220-c126-1076-b549-074d078619da", "nddeapi", "nddeapi", UNNAMED, DCE_NO_RESULT },
	{ "2f5f6520-ca46-1067-b319-00dd010662da", "tapsrv", "tapsrv", OPERATIONS(in_tapsrv), DCE_NO_RESULT },
	{ "2f5f6521-cb55-1059-b446-00df0bce31db", "unimdm", "tapsrv", UNNAMED, DCE_NO_RESULT },
	{ "300f3532-38cc-11d0-a3f0-0020af6b0add", "trkwks", "trkwks", OPERATIONS(in_trkwks), DCE_NO_RESULT },
	{ "338cd001-2244-31f1-aaaa-900038001003", "winreg", "winreg", OPERATIONS(in_winreg), DCE_WIN32 },
	{ "342cfd40-3c6c-11ce-a893-08002b2e9c6d", "llsrpc", NULL, UNNAMED, DCE_NO_RESULT },
	{ "367abb81-9844-35f1-ad32-98f038001003", "svcctl", "svcctl", OPERATIONS(in_svcctl), DCE_WIN32 },
	{ "378e52b0-c0a9-11cf-822d-00aa0051e40f", "sasec", NULL, OPERATIONS(in_sasec), DCE_HRESULT },
	{ "3919286a-b10c-11d0-9ba8-00c04fd92ef5", "dssetup", NULL, OPERATIONS(in_dssetup), DCE_WIN32 },
	{ "3c4728c5-f0ab-448b-bda1-6ce01eb0a6d5", "RpcSrvDHCPC", "dhcpcsvc", OPERATIONS(in_RpcSrvDHCPC), DCE_WIN32 },
	{ "3c4728c5-f0ab-448b-bda1-6ce01eb0a6d6", "dhcpcsvc6", "dhcpcsvc6", OPERATIONS(in_dhcpcsvc6), DCE_WIN32 },
	{ "3d267954-eeb7-11d1-b94e-00c04fa3080d", "HydraLsPipe", "HydraLsPipe", UNNAMED, DCE_NO_RESULT },
	{ "3dde7c30-165d-11d1-ab8f-00805f14db40", "BackupKey", "protected_storage", OPERATIONS(in_BackupKey), DCE_WIN32 },
	{ "3faf4738-3a21-4307-b46c-fdda9bb8c0d5", "AudioSrv", NULL, UNNAMED, DCE_NO_RESULT },
	{ "41208ee0-e970-11d1-9b9e-00e02c064c39", "qmmgmt", NULL, OPERATIONS(in_qmmgmt), DCE_NO_RESULT },
	{ "423ec01e-2e35-11d2-b604-00104b703efd", "IWbemWCOSmartEnum", NULL, OPERATIONS(in_IWbemWCOSmartEnum), DCE_HRESULT },
	{ "44aca674-e8fc-11d0-a07c-00c04fb68820", "IWbemContext", NULL, UNNAMED, DCE_HRESULT },
	{ "44aca675-e8fc-11d0-a07c-00c04fb68820", "IWbemCallResult", NULL, OPERATIONS(in_IWbemCallResult), DCE_HRESULT },
	{ "45776b01-5956-4485-9f80-f428f7d60129", "DnsResolver", NULL, UNNAMED, DCE_NO_RESULT },
	{ "45f52c28-7f9f-101a-b52b-08002b2efabe", "winspipe", "winspipe", OPERATIONS(in_winspipe), DCE_NO_RESULT },
	{ "484809d6-4239-471b-b5bc-61df8c23ac48", "TermSrvSession", "LSM_API_service", OPERATIONS(in_TermSrvSession), DCE_NO_RESULT },
	{ "4b324fc8-1670-01d3-1278-5a47bf6ee188", "srvsvc", "srvsvc", OPERATIONS(in_srvsvc), DCE_WIN32 },
	{ "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", "IActivation", NULL, OPERATIONS(in_IActivation), DCE_NO_RESULT },
	{ "4da1c422-943d-11d1-acae-00c04fc2aa3f", "trksvr", NULL, OPERATIONS(in_trksvr), DCE_NO_RESULT },
	{ "4fc742e0-4a10-11cf-8273-00aa004ae673", "netdfs", "netdfs", OPERATIONS(in_netdfs), DCE_WIN32 },
	{ "50abc2a4-574d-40b3-9d66-ee4fd5fba076", "dnsserver", "DNSSERVER", OPERATIONS(in_dnsserver), DCE_WIN32 },
	{ "51c82175-844e-4750-b0d8-ec255555bc06", "KMS", NULL, OPERATIONS(in_KMS), DCE_NO_RESULT },
	{ "5261574a-4572-206e-b268-6b199213b4e4", "AsyncEMSMDB", NULL, OPERATIONS(in_AsyncEMSMDB), DCE_NO_RESULT },
	{ "541679ab-2e5f-11d3-b34e-00104bcc4b4a", "IWbemLoginHelper", NULL, OPERATIONS(in_IWbemLoginHelper), DCE_HRESULT },
	{ "5422fd3a-d4b8-4cef-a12e-e87d4ca22e90", "ICertRequestD2", NULL, OPERATIONS(in_ICertRequestD2), DCE_HRESULT },
	{ "57674cd0-5200-11ce-a897-08002b2e9c6d", "lls_license", "llsrpc", OPERATIONS(in_lls_license), DCE_NO_RESULT },
	{ "5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc", "msgsvcsend", NULL, OPERATIONS(in_msgsvcsend), DCE_WIN32 },
	{ "5b821720-f63b-11d0-aad2-00c04fc324db", "dhcpsrv2", "dhcpserver", OPERATIONS(in_dhcpsrv2), DCE_WIN32 },
	{ "5ca4a760-ebb1-11cf-8611-00a0245420ed", "winstation_rpc", "Ctx_WinStation_API_service", OPERATIONS(in_winstation_rpc), DCE_NO_RESULT },
	{ "68b58241-c259-4f03-a2e5-a2651dcbc930", "IKeySvc2", NULL, UNNAMED, DCE_NO_RESULT },
	{ "6bffd098-a112-3610-9833-012892020162", "browser", "browser", OPERATIONS(in_browser), DCE_WIN32 },
	{ "6bffd098-a112-3610-9833-46c3f874532d", "dhcpsrv", NULL, OPERATIONS(in_dhcpsrv), DCE_WIN32 },
	{ "6bffd098-a112-3610-9833-46c3f87e345a", "wkssvc", "wkssvc", OPERATIONS(in_wkssvc), DCE_WIN32 },
	{ "76d12b80-3467-11d3-91ff-0090272f9ea3", "qmcomm2", NULL, OPERATIONS(in_qmcomm2), DCE_NO_RESULT },
	{ "76f03f96-cdfd-44fc-a22c-64950a001209", "IRemoteWinspool", NULL, OPERATIONS(in_IRemoteWinspool), DCE_WIN32 },
	{ "7c44d7d4-31d5-424c-bd5e-2b3e1f323d22", "dsaop", NULL, OPERATIONS(in_dsaop), DCE_WIN32 },
	{ "7c857801-7381-11cf-884d-00aa004b2e24", "IWbemObjectSink", NULL, OPERATIONS(in_IWbemObjectSink), DCE_HRESULT },
	{ "811109bf-a4e1-11d1-ab54-00a0c91e9b45", "winsi2", NULL, OPERATIONS(in_winsi2), DCE_NO_RESULT },
	{ "82273fdc-e32a-18c3-3f78-827929dc23ea", "eventlog", "eventlog", OPERATIONS(in_eventlog), DCE_NTSTATUS },
	{ "83da7c00-e84f-11d2-9807-00c04f8ec850", "sfcapi", "SfcApi", UNNAMED, DCE_NO_RESULT },
	{ "86d35949-83c9-4044-b424-db363231fd0c", "ITaskSchedulerService", NULL, OPERATIONS(in_ITaskSchedulerService), DCE_HRESULT },
	{ "88143fd0-c28d-4b2b-8fef-8d882f6a9390", "TermSrvEnumeration", NULL, OPERATIONS(in_TermSrvEnumeration), DCE_NO_RESULT },
	{ "894de0c0-0d55-11d3-a322-00c04fa321a1", "InitShutdown", "InitShutdown", OPERATIONS(in_InitShutdown), DCE_WIN32 },
	{ "897e2e5f-93f3-4376-9c9c-fd2277495c27", "FrsTransport", NULL, OPERATIONS(in_FrsTransport), DCE_WIN32 },
	{ "8d0ffe72-d252-11d0-bf8f-00c04fd9126b", "IKeySvc", "keysvc", UNNAMED, DCE_NO_RESULT },
	{ "8d9f4e40-a03d-11ce-8f69-08003e30051b", "pnp", "ntsvcs", OPERATIONS(in_pnp), DCE_NO_RESULT },
	{ "8f09f000-b7ed-11ce-bbd2-00001a181cad", "dimsvc", "ROUTER", UNNAMED, DCE_WIN32 },
	{ "906b0ce0-c70b-1067-b317-00dd010662da", "IXnRemote", NULL, OPERATIONS(in_IXnRemote), DCE_HRESULT },
	{ "91ae6020-9e3c-11cf-8d7c-00aa00c091be", "ICertPassage", "cert", OPERATIONS(in_ICertPassage), DCE_HRESULT },
	{ "9556dc99-828c-11cf-a37e-00aa003240c7", "IWbemServices", NULL, OPERATIONS(in_IWbemServices), DCE_HRESULT },
	{ "99fcfec4-5260-101b-bbcb-00aa0021347a", "IObjectExporter", NULL, OPERATIONS(in_IObjectExporter), DCE_NO_RESULT },
	{ "9f6c78ef-fce5-42fa-abea-3e7df91921dc", "IWbemLoginClientIDEx", NULL, OPERATIONS(in_IWbemLoginClientIDEx), DCE_HRESULT },
	{ "a359dec5-e813-4834-8a2a-ba7f1d777d76", "IWbemBackupRestoreEx", NULL, OPERATIONS(in_IWbemBackupRestoreEx), DCE_HRESULT },
	{ "a4f1db00-ca47-1067-b31f-00dd010662da", "exchange_mapi", NULL, OPERATIONS(in_exchange_mapi), DCE_NO_RESULT },
	{ "a8e0653c-2744-4389-a61d-7373df8b2292", "FileServerVssAgent", "FssagentRpc", OPERATIONS(in_FileServerVssAgent), DCE_WIN32 },
	{ "ae33069b-a2a8-46ee-a235-ddfd339be281", "IRPCRemoteObject", NULL, OPERATIONS(in_IRPCRemoteObject), DCE_NO_RESULT },
	{ "afa8bd80-7d8a-11c9-bef4-08002b102989", "mgmt", NULL, OPERATIONS(in_mgmt), DCE_NO_RESULT },
	{ "b196b283-bab4-101a-b69c-00aa00341d07", "IProvideClassInfo", NULL, OPERATIONS(in_IProvideClassInfo), DCE_HRESULT },
	{ "b9785960-524f-11df-8b6d-83dcded72085", "ISDKey", NULL, OPERATIONS(in_ISDKey), DCE_NO_RESULT },
	{ "b97db8b2-4c63-11cf-bff6-08002be23f2f", "clusapi", NULL, OPERATIONS(in_clusapi), DCE_WIN32 },
	{ "c386ca3e-9061-4a72-821e-498d83be188f", "AudioRpc", NULL, UNNAMED, DCE_NO_RESULT },
	{ "c49e32c7-bc8b-11d2-85d4-00105a1f8304", "IWbemBackupRestore", NULL, OPERATIONS(in_IWbemBackupRestore), DCE_HRESULT },
	{ "c681d488-d850-11d0-8c52-00c04fd90f7e", "efsrpc", NULL, OPERATIONS(in_efsrpc), DCE_WIN32 },
	{ "c8cb7687-e6d3-11d2-a958-00c04f682e16", "DAV RPC SERVICE", "DAV RPC SERVICE", OPERATIONS(in_DAV_RPC_SERVICE), DCE_NO_RESULT },
	{ "d3fbb514-0e3b-11cb-8fad-08002b1d29c3", "NsiC", NULL, OPERATIONS(in_NsiC), DCE_NO_RESULT },
	{ "d4781cd6-e5d3-44df-ad94-930efe48a887", "IWbemLoginClientID", NULL, OPERATIONS(in_IWbemLoginClientID), DCE_HRESULT },
	{ "d6d70ef0-0e3b-11cb-acc3-08002b1d29c3", "NsiS", "locator", OPERATIONS(in_NsiS), DCE_NO_RESULT },
	{ "d6d70ef0-0e3b-11cb-acc3-08002b1d29c4", "NsiM", NULL, UNNAMED, DCE_NO_RESULT },
	{ "d95afe70-a6d5-4259-822e-2c84da1ddb0d", "WindowsShutdown", NULL, OPERATIONS(in_WindowsShutdown), DCE_WIN32 },
	{ "d99e6e70-fc88-11d0-b498-00a0c90312f3", "ICertRequestD", NULL, OPERATIONS(in_ICertRequestD), DCE_HRESULT },
	{ "da5a86c5-12c2-4943-ab30-7f74a813d853", "RegisterPerfCounters", "winreg", OPERATIONS(in_RegisterPerfCounters), DCE_WIN32 },
	{ "dc12a681-737f-11cf-884d-00aa004b2e24", "IWbemClassObject", NULL, UNNAMED, DCE_HRESULT },
	{ "dea00000-6c97-11d1-8271-00a02442df7d", "PNIO", NULL, OPERATIONS(in_PNIO_parameter_server), DCE_NO_RESULT },
	{ "dea00001-6c97-11d1-8271-00a02442df7d", "PNIO device", NULL, OPERATIONS(in_PNIO_parameter_server), DCE_NO_RESULT },
	{ "dea00002-6c97-11d1-8271-00a02442df7d", "PNIO controller", NULL, OPERATIONS(in_PNIO_parameter_server), DCE_NO_RESULT },
	{ "dea00003-6c97-11d1-8271-00a02442df7d", "PNIO supervisor", NULL, OPERATIONS(in_PNIO_parameter_server), DCE_NO_RESULT },
	{ "dea00004-6c97-11d1-8271-00a02442df7d", "PNIO parameter server", NULL, OPERATIONS(in_PNIO_parameter_server), DCE_NO_RESULT },
	{ "df1941c5-fe89-4e79-bf10-463657acf44d", "efsrpc", "efsrpc", OPERATIONS(in_efsrpc), DCE_WIN32 },
	{ "e1af8308-5d1f-11c9-91a4-08002b14a0fa", "epmapper", "epmapper", OPERATIONS(in_epmapper), DCE_NO_RESULT },
	{ "e33c0cc4-0482-101a-bc0c-02608c6ba218", "LocToLoc", "locator", OPERATIONS(in_LocToLoc), DCE_NO_RESULT },
	{ "e3514235-4b06-11d1-ab04-00c04fc2dcd2", "drsuapi", NULL, OPERATIONS(in_drsuapi), DCE_WIN32 },
	{ "e60c73e6-88f9-11cf-9af1-0020af6e72f4", "ILocalObjectExporter", "epmapper", UNNAMED, DCE_NO_RESULT },
	{ "f1e9c5b2-f59b-11d2-b362-00105a1f8177", "IWbemRemoteRefresher", NULL, OPERATIONS(in_IWbemRemoteRefresher), DCE_HRESULT },
	{ "f309ad18-d86a-11d0-a075-00c04fb68820", "IWbemLevel1Login", NULL, OPERATIONS(in_IWbemLevel1Login), DCE_HRESULT },
	{ "f50aac00-c7f3-428e-a022-a6b71bfb9d43", "ICatDBSvc", NULL, UNNAMED, DCE_NO_RESULT },
	{ "f5cc59b4-4264-101a-8c59-08002b2f8426", "FrsRpc", NULL, OPERATIONS(in_FrsRpc), DCE_WIN32 },
	{ "f5cc5a18-4264-101a-8c59-08002b2f8426", "nspi", NULL, OPERATIONS(in_nspi), DCE_NO_RESULT },
	{ "f6beaff7-1e19-4fbb-9f8f-b89e2018337c", "IEventService", NULL, OPERATIONS(in_IEventService), DCE_WIN32 },
	{ "fdb3a030-065f-11d1-bb9b-00a024ea5525", "qmcomm", NULL, OPERATIONS(in_qmcomm), DCE_NO_RESULT },
};
/* clang-format on */
const unsigned dce_interface_count = ARRAY_SIZE(dce_interfaces);

const struct dce_interface *dce_interface_find(const uint8_t uuid[DCE_UUID])
{
	char room[DCE_UUID_TEXT];
	const char *wanted = dce_uuid_text(uuid, room);
	size_t low = 0, high = ARRAY_SIZE(dce_interfaces);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(wanted, dce_interfaces[middle].uuid);
		if (order == 0)
			return &dce_interfaces[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct dce_interface *dce_interface_on_pipe(struct bytes pipe)
{
	const uint8_t *last = pipe.size ? memrchr(pipe.at, '\\', pipe.size) : NULL;
	struct bytes name = last ? bytes_of(last + 1, (size_t)(pipe.at + pipe.size - last - 1)) : pipe;

	for (size_t i = 0; name.size > 0 && i < ARRAY_SIZE(dce_interfaces); i++) {
		const char *usual = dce_interfaces[i].pipe;
		if (usual && bytes_equal_nocase(name, bytes_string(usual)))
			return &dce_interfaces[i];
	}
	return NULL;
}

const char *dce_operation(const struct dce_interface *i, unsigned opnum)
{
	return i && opnum < i->n_operations ? i->operations[opnum] : NULL;
}
