/* SPDX-License-Identifier: BSD-2-Clause
 * Operations of DCE/RPC interfaces by their numbers: names are those of the Microsoft Open Specifications (MS-SCMR,
 * MS-TSCH, MS-SAMR, MS-LSAD, MS-DRSR, MS-NRPC, MS-RPRN, MS-WMI, MS-DCOM …) and of C706, spelled as rules written for
 * other sensors spell them. NULL: not used on the wire, or not known. Included by dce_rpc_interfaces.c alone. */
#ifndef PROTO_DCE_RPC_OPERATIONS_H
#define PROTO_DCE_RPC_OPERATIONS_H

#include <stddef.h>

/* clang-format off */
static const char *const in_AsyncEMSMDB[] = {
	"EcDoAsyncWaitEx",
};

static const char *const in_atsvc[] = {
	"NetrJobAdd", "NetrJobDel", "NetrJobEnum", "NetrJobGetInfo",
};

static const char *const in_BackupKey[] = {
	"BackuprKey",
};

static const char *const in_browser[] = {
	"BrowserrServerEnum", "BrowserrDebugCall", "BrowserrQueryOtherDomains", "BrowserrResetNetlogonState",
	"BrowserrDebugTrace", "BrowserrQueryStatistics", "BrowserrResetStatistics", "NetrBrowserStatisticsClear",
	"NetrBrowserStatisticsGet", "BrowserrSetNetlogonState", "BrowserrQueryEmulatedDomains",
	"BrowserrServerEnumEx",
};

static const char *const in_clusapi[] = {
	"ApiOpenCluster", "ApiCloseCluster", "ApiSetClusterName", "ApiGetClusterName", "ApiGetClusterVersion",
};

static const char *const in_DAV_RPC_SERVICE[] = {
	"DavrCreateConnection", "DavrDoesServerDoDav", "DavrIsValidShare", "DavrEnumNetUses", "DavrEnumShares",
	"DavrEnumServers", "DavrGetConnection", "DavrDeleteConnection", "DavrGetUser", "DavrConnectionExist",
	"DavrWinlogonLogonEvent", "DavrWinlogonLogoffEvent",
};

static const char *const in_dhcpcsvc6[] = {
	"RpcSrvRequestPrefix", "RpcSrvRenewPrefix", "RpcSrvReleasePrefix", "RpcSrvRequestParams",
};

static const char *const in_dhcpsrv[] = {
	"R_DhcpCreateSubnet", "R_DhcpSetSubnetInfo", "R_DhcpGetSubnetInfo", "R_DhcpEnumSubnets",
	"R_DhcpAddSubnetElement", "R_DhcpEnumSubnetElements", "R_DhcpRemoveSubnetElement", "R_DhcpDeleteSubnet",
	"R_DhcpCreateOption", "R_DhcpSetOptionInfo", "R_DhcpGetOptionInfo", "R_DhcpRemoveOption",
	"R_DhcpSetOptionValue", "R_DhcpGetOptionValue", "R_DhcpEnumOptionValues", "R_DhcpRemoveOptionValue",
	"R_DhcpCreateClientInfo", "R_DhcpSetClientInfo", "R_DhcpGetClientInfo", "R_DhcpDeleteClientInfo",
	"R_DhcpEnumSubnetClients", "R_DhcpGetClientOptions", "R_DhcpGetMibInfo", "R_DhcpEnumOptions",
	"R_DhcpSetOptionValues", "R_DhcpServerSetConfig", "R_DhcpServerGetConfig", "R_DhcpScanDatabase",
	"R_DhcpGetVersion",
};

static const char *const in_dhcpsrv2[] = {
	"R_DhcpEnumSubnetClientsV5", "R_DhcpSetMScopeInfo", "R_DhcpGetMScopeInfo", "R_DhcpEnumMScopes",
	"R_DhcpAddMScopeElement", "R_DhcpEnumMScopeElements", "R_DhcpRemoveMScopeElement", "R_DhcpDeleteMScope",
	"R_DhcpScanMDatabase", "R_DhcpCreateMClientInfo", "R_DhcpSetMClientInfo", "R_DhcpGetMClientInfo",
	"R_DhcpDeleteMClientInfo", "R_DhcpEnumMScopeClients", "R_DhcpCreateOptionV5", "R_DhcpSetOptionInfoV5",
	"R_DhcpGetOptionInfoV5", "R_DhcpEnumOptionsV5", "R_DhcpRemoveOptionV5", "R_DhcpSetOptionValueV5",
};

static const char *const in_dnsserver[] = {
	"R_DnssrvOperation", "R_DnssrvQuery", "R_DnssrvComplexOperation", "R_DnssrvEnumRecords",
	"R_DnssrvUpdateRecord", "R_DnssrvOperation2", "R_DnssrvQuery2", "R_DnssrvComplexOperation2",
	"R_DnssrvEnumRecords2", "R_DnssrvUpdateRecord2", "R_DnssrvUpdateRecord3", "R_DnssrvEnumRecords3",
	"R_DnssrvOperation3", "R_DnssrvQuery3", "R_DnssrvComplexOperation3", "R_DnssrvOperation4", "R_DnssrvQuery4",
	"R_DnssrvUpdateRecord4", "R_DnssrvEnumRecords4",
};

static const char *const in_drsuapi[] = {
	"DRSBind", "DRSUnbind", "DRSReplicaSync", "DRSGetNCChanges", "DRSUpdateRefs", "DRSReplicaAdd",
	"DRSReplicaDel", "DRSReplicaModify", "DRSVerifyNames", "DRSGetMemberships", "DRSInterDomainMove",
	"DRSGetNT4ChangeLog", "DRSCrackNames", "DRSWriteSPN", "DRSRemoveDsServer", "DRSRemoveDsDomain",
	"DRSDomainControllerInfo", "DRSAddEntry", "DRSExecuteKCC", "DRSGetReplInfo", "DRSAddSidHistory",
	"DRSGetMemberships2", "DRSReplicaVerifyObjects", "DRSGetObjectExistence", "DRSQuerySitesByCost",
	"DRSInitDemotion", "DRSReplicaDemotion", "DRSFinishDemotion", "DRSAddCloneDC", "DRSWriteNgcKey",
	"DRSReadNgcKey",
};

static const char *const in_dsaop[] = {
	"DSAPrepareScript", "DSAExecuteScript",
};

static const char *const in_dssetup[] = {
	"DsRolerGetPrimaryDomainInformation", "DsRolerDnsNameToFlatName", "DsRolerDcAsDc", "DsRolerDcAsReplica",
	"DsRolerDemoteDc", "DsRolerGetDcOperationProgress", "DsRolerGetDcOperationResults", "DsRolerCancel",
	"DsRolerServerSaveStateForUpgrade", "DsRolerUpgradeDownlevelServer", "DsRolerAbortDownlevelServerUpgrade",
};

static const char *const in_efsrpc[] = {
	"EfsRpcOpenFileRaw", "EfsRpcReadFileRaw", "EfsRpcWriteFileRaw", "EfsRpcCloseRaw", "EfsRpcEncryptFileSrv",
	"EfsRpcDecryptFileSrv", "EfsRpcQueryUsersOnFile", "EfsRpcQueryRecoveryAgents", "EfsRpcRemoveUsersFromFile",
	"EfsRpcAddUsersToFile", "EfsRpcSetFileEncryptionKey", "EfsRpcNotSupported", "EfsRpcFileKeyInfo",
	"EfsRpcDuplicateEncryptionInfoFile", "EfsUsePinForEncryptedFiles", "EfsRpcAddUsersToFileEx",
	"EfsRpcFileKeyInfoEx", "EfsRpcGenerateEfsStream", "EfsRpcGetEncryptedFileMetadata",
	"EfsRpcSetEncryptedFileMetadata", "EfsRpcFlushEfsCache", "EfsRpcEncryptFileExSrv", "EfsRpcQueryProtectors",
};

static const char *const in_epmapper[] = {
	"ept_insert", "ept_delete", "ept_lookup", "ept_map", "ept_lookup_handle_free", "ept_inq_object",
	"ept_mgmt_delete", "ept_map_auth",
};

static const char *const in_eventlog[] = {
	"ElfrClearELFW", "ElfrBackupELFW", "ElfrCloseEL", "ElfrDeregisterEventSource", "ElfrNumberOfRecords",
	"ElfrOldestRecord", "ElfrChangeNotify", "ElfrOpenELW", "ElfrRegisterEventSourceW", "ElfrOpenBELW",
	"ElfrReadELW", "ElfrReportEventW", "ElfrClearELFA", "ElfrBackupELFA", "ElfrOpenELA",
	"ElfrRegisterEventSourceA", "ElfrOpenBELA", "ElfrReadELA", "ElfrReportEventA", "ElfrRegisterClusterSvc",
	"ElfrDeregisterClusterSvc", "ElfrWriteClusterEvents", "ElfrGetLogInformation", "ElfrFlushEL",
	"ElfrReportEventAndSourceW",
};

static const char *const in_exchange_mapi[] = {
	"EcDoConnect", "EcDoDisconnect", "EcDoRpc", "EcGetMoreRpc", "EcRRegisterPushNotification",
	"EcRUnregisterPushNotification", "EcDummyRpc", "EcRGetDCName", "EcRNetGetDCName", "EcDoRpcExt",
	"EcDoConnectEx", "EcDoRpcExt2", "EcUnknown", "EcUnknown2", "EcDoAsyncConnectEx",
};

static const char *const in_exchange_rfr[] = {
	"RfrGetNewDSA", "RfrGetFQDNFromServerDN",
};

static const char *const in_FileServerVssAgent[] = {
	"GetSupportedVersion", "SetContext", "StartShadowCopySet", "AddToShadowCopySet", "CommitShadowCopySet",
	"ExposeShadowCopySet", "RecoveryCompleteShadowCopySet", "AbortShadowCopySet", "IsPathSupported",
	"IsPathShadowCopied", "GetShareMapping", "DeleteShareMapping", "PrepareShadowCopySet",
};

static const char *const in_FrsRpc[] = {
	"FrsRpcSendCommPkt", "FrsRpcVerifyPromotionParent", "FrsRpcStartPromotionParent", "FrsNOP",
	"FrsBackupComplete", NULL, NULL, NULL, NULL, NULL, "FrsRpcVerifyPromotionParentEx",
};

static const char *const in_FrsTransport[] = {
	"CheckConnectivity", "EstablishConnection", "EstablishSession", "RequestUpdates", "RequestVersionVector",
	"AsyncPoll", "RequestRecords", "UpdateCancel", "RawGetFileData", "RdcGetSignatures", "RdcPushSourceNeeds",
	"RdcGetFileData", "RdcClose", "InitializeFileTransferAsync", NULL, "RawGetFileDataAsync",
	"RdcGetFileDataAsync", "RdcFileDataTransferKeepAlive",
};

static const char *const in_IActivation[] = {
	"RemoteActivation",
};

static const char *const in_ICertPassage[] = {
	"CertServerRequest",
};

static const char *const in_ICertRequestD[] = {
	"QueryInterface", "AddRef", "Release", "Request", "GetCACert", "Ping",
};

static const char *const in_ICertRequestD2[] = {
	"QueryInterface", "AddRef", "Release", "Request", "GetCACert", "Ping", "Request2", "GetCAProperty",
	"GetCAPropertyInfo", "Ping2",
};

static const char *const in_IClassFactory[] = {
	"QueryInterface", "AddRef", "Release", "CreateInstance", "LockServer",
};

static const char *const in_IDispatch[] = {
	"QueryInterface", "AddRef", "Release", "GetTypeInfoCount", "GetTypeInfo", "GetIDsOfNames", "Invoke",
};

static const char *const in_idletask[] = {
	"ItSrvRegisterIdleTask", "ItSrvUnregisterIdleTask", "ItSrvProcessIdleTasks", "ItSrvSetDetectionParameters",
};

static const char *const in_IEnumWbemClassObject[] = {
	"QueryInterface", "AddRef", "Release", "Reset", "Next", "NextAsync", "Clone", "Skip",
};

static const char *const in_IEventService[] = {
	"EvtRpcRegisterRemoteSubscription", "EvtRpcRemoteSubscriptionNextAsync", "EvtRpcRemoteSubscriptionNext",
	"EvtRpcRemoteSubscriptionWaitAsync", "EvtRpcRegisterControllableOperation", "EvtRpcRegisterLogQuery",
	"EvtRpcClearLog", "EvtRpcExportLog", "EvtRpcLocalizeExportLog", "EvtRpcMessageRender",
	"EvtRpcMessageRenderDefault", "EvtRpcQueryNext", "EvtRpcQuerySeek", "EvtRpcClose", "EvtRpcCancel",
	"EvtRpcAssertConfig", "EvtRpcRetractConfig", "EvtRpcOpenLogHandle", "EvtRpcGetLogFileInfo",
	"EvtRpcGetChannelList", "EvtRpcGetChannelConfig", "EvtRpcPutChannelConfig", "EvtRpcGetPublisherList",
	"EvtRpcGetPublisherListForChannel", "EvtRpcGetPublisherMetadata", "EvtRpcGetPublisherResourceMetadata",
	"EvtRpcGetEventMetadataEnum", "EvtRpcGetNextEventMetadata", "EvtRpcGetClassicLogDisplayName",
};

static const char *const in_InitShutdown[] = {
	"BaseInitiateShutdown", "BaseAbortShutdown", "BaseInitiateShutdownEx",
};

static const char *const in_IObjectExporter[] = {
	"ResolveOxid", "SimplePing", "ComplexPing", "ServerAlive", "ResolveOxid2", "ServerAlive2",
};

static const char *const in_IProvideClassInfo[] = {
	"QueryInterface", "AddRef", "Release", "GetClassInfo",
};

static const char *const in_IRemoteSCMActivator[] = {
	"QueryInterfaceIRemoteSCMActivator", "AddRefIRemoteISCMActivator", "ReleaseIRemoteISCMActivator",
	"RemoteGetClassObject", "RemoteCreateInstance",
};

static const char *const in_IRemoteWinspool[] = {
	"RpcAsyncOpenPrinter", "RpcAsyncAddPrinter", "RpcAsyncSetJob", "RpcAsyncGetJob", "RpcAsyncEnumJobs",
	"RpcAsyncAddJob", "RpcAsyncScheduleJob", "RpcAsyncDeletePrinter", "RpcAsyncSetPrinter", "RpcAsyncGetPrinter",
	"RpcAsyncStartDocPrinter", "RpcAsyncStartPagePrinter", "RpcAsyncWritePrinter", "RpcAsyncEndPagePrinter",
	"RpcAsyncEndDocPrinter", "RpcAsyncAbortPrinter", "RpcAsyncGetPrinterData", "RpcAsyncGetPrinterDataEx",
	"RpcAsyncSetPrinterData", "RpcAsyncSetPrinterDataEx", "RpcAsyncClosePrinter", "RpcAsyncAddForm",
	"RpcAsyncDeleteForm", "RpcAsyncGetForm", "RpcAsyncSetForm", "RpcAsyncEnumForms", "RpcAsyncGetPrinterDriver",
	"RpcAsyncEnumPrinterData", "RpcAsyncEnumPrinterDataEx", "RpcAsyncEnumPrinterKey",
	"RpcAsyncDeletePrinterData", "RpcAsyncDeletePrinterDataEx", "RpcAsyncDeletePrinterKey", "RpcAsyncXcvData",
	"RpcAsyncSendRecvBidiData", "RpcAsyncCreatePrinterIC", "RpcAsyncPlayGdiScriptOnPrinterIC",
	"RpcAsyncDeletePrinterIC", "RpcAsyncEnumPrinters", "RpcAsyncAddPrinterDriver", "RpcAsyncEnumPrinterDrivers",
	"RpcAsyncGetPrinterDriverDirectory", "RpcAsyncDeletePrinterDriver", "RpcAsyncDeletePrinterDriverEx",
	"RpcAsyncAddPrintProcessor", "RpcAsyncEnumPrintProcessors", "RpcAsyncGetPrintProcessorDirectory",
	"RpcAsyncEnumPorts", "RpcAsyncEnumMonitors", "RpcAsyncAddPort", "RpcAsyncSetPort", "RpcAsyncAddMonitor",
	"RpcAsyncDeleteMonitor", "RpcAsyncDeletePrintProcessor", "RpcAsyncEnumPrintProcessorDatatypes",
	"RpcAsyncAddPerMachineConnection", "RpcAsyncDeletePerMachineConnection", "RpcAsyncEnumPerMachineConnections",
	"RpcSyncRegisterForRemoteNotifications", "RpcSyncUnRegisterForRemoteNotifications",
	"RpcSyncRefreshRemoteNotifications", "RpcAsyncGetRemoteNotifications",
	"RpcAsyncInstallPrinterDriverFromPackage", "RpcAsyncUploadPrinterDriverPackage",
	"RpcAsyncGetCorePrinterDrivers", "RpcAsyncCorePrinterDriverInstalled", "RpcAsyncGetPrinterDriverPackagePath",
	"RpcAsyncDeletePrinterDriverPackage", "RpcAsyncReadPrinter", "RpcAsyncResetPrinter",
	"RpcAsyncGetJobNamedPropertyValue", "RpcAsyncSetJobNamedProperty", "RpcAsyncDeleteJobNamedProperty",
	"RpcAsyncEnumJobNamedProperties", "RpcAsyncLogJobInfoForBranchOffice",
};

static const char *const in_IRemUnknown[] = {
	"QueryInterface", "AddRef", "Release", "RemQueryInterface", "RemAddRef", "RemRelease",
};

static const char *const in_IRemUnknown2[] = {
	"QueryInterface", "AddRef", "Release", "RemQueryInterface", "RemAddRef", "RemRelease", "RemQueryInterface2",
};

static const char *const in_IRPCAsyncNotify[] = {
	"IRPCAsyncNotify_RegisterClient", "IRPCAsyncNotify_UnregisterClient", NULL, "IRPCAsyncNotify_GetNewChannel",
	"IRPCAsyncNotify_GetNotificationSendResponse", "IRPCAsyncNotify_GetNotification",
	"IRPCAsyncNotify_CloseChannel",
};

static const char *const in_IRPCRemoteObject[] = {
	"IRPCRemoteObject_Create", "IRPCRemoteObject_Delete",
};

static const char *const in_IRundown[] = {
	"QueryInterface", "AddRef", "Release", "RemQueryInterface", "RemAddRef", "RemRelease", "RemChangeRef",
};

static const char *const in_ISDKey[] = {
	"GetKey",
};

static const char *const in_ISeclogon[] = {
	"SeclCreateProcessWithLogonW", "SeclCreateProcessWithLogonExW",
};

static const char *const in_ITaskSchedulerService[] = {
	"SchRpcHighestVersion", "SchRpcRegisterTask", "SchRpcRetrieveTask", "SchRpcCreateFolder",
	"SchRpcSetSecurity", "SchRpcGetSecurity", "SchRpcEnumFolders", "SchRpcEnumTasks", "SchRpcEnumInstances",
	"SchRpcGetInstanceInfo", "SchRpcStopInstance", "SchRpcStop", "SchRpcRun", "SchRpcDelete", "SchRpcRename",
	"SchRpcScheduledRuntimes", "SchRpcGetLastRunInfo", "SchRpcGetTaskInfo", "SchRpcGetNumberOfMissedRuns",
	"SchRpcEnableTask",
};

static const char *const in_ITypeInfo[] = {
	"QueryInterface", "AddRef", "Release", "GetTypeAttr", "GetTypeComp", "GetFuncDesc", "GetVarDesc", "GetNames",
	"GetRefTypeOfImplType", "GetImplTypeFlags", "GetIDsOfNames", "Invoke", "GetDocumentation", "GetDllEntry",
	"GetRefTypeInfo", "AddressOfMember", "CreateInstance", "GetMops", "GetContainingTypeLib", "ReleaseTypeAttr",
	"ReleaseFuncDesc", "ReleaseVarDesc",
};

static const char *const in_IWbemBackupRestore[] = {
	"QueryInterface", "AddRef", "Release", "Backup", "Restore",
};

static const char *const in_IWbemBackupRestoreEx[] = {
	"QueryInterface", "AddRef", "Release", "Backup", "Restore", "Pause", "Resume",
};

static const char *const in_IWbemCallResult[] = {
	"QueryInterface", "AddRef", "Release", "GetResultObject", "GetResultString", "GetResultServices",
	"GetCallStatus",
};

static const char *const in_IWbemFetchSmartEnum[] = {
	"QueryInterface", "AddRef", "Release", "GetSmartEnum",
};

static const char *const in_IWbemLevel1Login[] = {
	"QueryInterface", "AddRef", "Release", "EstablishPosition", "RequestChallenge", "WBEMLogin", "NTLMLogin",
};

static const char *const in_IWbemLoginClientID[] = {
	"QueryInterface", "AddRef", "Release", "SetClientInfo",
};

static const char *const in_IWbemLoginClientIDEx[] = {
	"QueryInterface", "AddRef", "Release", "SetClientInfoEx",
};

static const char *const in_IWbemLoginHelper[] = {
	"QueryInterface", "AddRef", "Release", "SetEvent",
};

static const char *const in_IWbemObjectSink[] = {
	"QueryInterface", "AddRef", "Release", "Indicate", "SetStatus",
};

static const char *const in_IWbemRefreshingServices[] = {
	"QueryInterface", "AddRef", "Release", "AddObjectToRefresher", "AddObjectToRefresherByTemplate",
	"AddEnumToRefresher", "RemoveObjectFromRefresher", "GetRemoteRefresher", "ReconnectRemoteRefresher",
};

static const char *const in_IWbemRemoteRefresher[] = {
	"QueryInterface", "AddRef", "Release", "RemoteRefresh", "StopRefreshing", "GetGuid",
};

static const char *const in_IWbemServices[] = {
	"QueryInterface", "AddRef", "Release", "OpenNamespace", "CancelAsyncCall", "QueryObjectSink", "GetObject",
	"GetObjectAsync", "PutClass", "PutClassAsync", "DeleteClass", "DeleteClassAsync", "CreateClassEnum",
	"CreateClassEnumAsync", "PutInstance", "PutInstanceAsync", "DeleteInstance", "DeleteInstanceAsync",
	"CreateInstanceEnum", "CreateInstanceEnumAsync", "ExecQuery", "ExecQueryAsync", "ExecNotificationQuery",
	"ExecNotificationQueryAsync", "ExecMethod", "ExecMethodAsync",
};

static const char *const in_IWbemWCOSmartEnum[] = {
	"QueryInterface", "AddRef", "Release", "Next",
};

static const char *const in_IXnRemote[] = {
	"Poke", "BuildContext", "NegotiateResources", "SendReceive", "TearDownContext", "BeginTearDown", "PokeW",
	"BuildContextW",
};

static const char *const in_KMS[] = {
	"RequestActivation",
};

static const char *const in_lcrpc[] = {
	"RpcLicensingOpenServer", "RpcLicensingCloseServer", "RpcLicensingLoadPolicy", "RpcLicensingUnloadPolicy",
	"RpcLicensingSetPolicy", "RpcLicensingGetAvailablePolicyIds", "RpcLicensingGetPolicy",
	"RpcLicensingGetPolicyInformation", "RpcLicensingDeactivateCurrentPolicy",
};

static const char *const in_lls_license[] = {
	"LlsrLicenseRequestW", "LlsrLicenseFree",
};

static const char *const in_LocToLoc[] = {
	"I_nsi_lookup_begin", "I_nsi_lookup_done", "I_nsi_lookup_next", "I_nsi_entry_object_inq_begin",
	"I_nsi_ping_locator", "I_nsi_entry_object_inq_done", "I_nsi_entry_object_inq_next",
};

static const char *const in_lsarpc[] = {
	"LsarClose", "LsarDelete", "LsarEnumeratePrivileges", "LsarQuerySecurityObject", "LsarSetSecurityObject",
	"LsarChangePassword", "LsarOpenPolicy", "LsarQueryInformationPolicy", "LsarSetInformationPolicy",
	"LsarClearAuditLog", "LsarCreateAccount", "LsarEnumerateAccounts", "LsarCreateTrustedDomain",
	"LsarEnumerateTrustedDomains", "LsarLookupNames", "LsarLookupSids", "LsarCreateSecret", "LsarOpenAccount",
	"LsarEnumeratePrivilegesAccount", "LsarAddPrivilegesToAccount", "LsarRemovePrivilegesFromAccount",
	"LsarGetQuotasForAccount", "LsarSetQuotasForAccount", "LsarGetSystemAccessAccount",
	"LsarSetSystemAccessAccount", "LsarOpenTrustedDomain", "LsarQueryInfoTrustedDomain",
	"LsarSetInformationTrustedDomain", "LsarOpenSecret", "LsarSetSecret", "LsarQuerySecret",
	"LsarLookupPrivilegeValue", "LsarLookupPrivilegeName", "LsarLookupPrivilegeDisplayName", "LsarDeleteObject",
	"LsarEnumerateAccountsWithUserRight", "LsarEnumerateAccountRights", "LsarAddAccountRights",
	"LsarRemoveAccountRights", "LsarQueryTrustedDomainInfo", "LsarSetTrustedDomainInfo",
	"LsarDeleteTrustedDomain", "LsarStorePrivateData", "LsarRetrievePrivateData", "LsarOpenPolicy2",
	"LsarGetUserName", "LsarQueryInformationPolicy2", "LsarSetInformationPolicy2",
	"LsarQueryTrustedDomainInfoByName", "LsarSetTrustedDomainInfoByName", "LsarEnumerateTrustedDomainsEx",
	"LsarCreateTrustedDomainEx", "LsarSetPolicyReplicationHandle", "LsarQueryDomainInformationPolicy",
	"LsarSetDomainInformationPolicy", "LsarOpenTrustedDomainByName", "LsarTestCall", "LsarLookupSids2",
	"LsarLookupNames2", "LsarCreateTrustedDomainEx2", "CredrWrite", "CredrRead", "CredrEnumerate",
	"CredrWriteDomainCredentials", "CredrReadDomainCredentials", "CredrDelete", "CredrGetTargetInfo",
	"CredrProfileLoaded", "LsarLookupNames3", "CredrGetSessionTypes", "LsarRegisterAuditEvent",
	"LsarGenAuditEvent", "LsarUnregisterAuditEvent", "LsarQueryForestTrustInformation",
	"LsarSetForestTrustInformation", "CredrRename", "LsarLookupSids3", "LsarLookupNames4", "LsarOpenPolicySce",
	"LsarAdtRegisterSecurityEventSource", "LsarAdtUnregisterSecurityEventSource", "LsarAdtReportSecurityEvent",
	"CredrFindBestCredential", "LsarSetAuditPolicy", "LsarQueryAuditPolicy", "LsarEnumerateAuditPolicy",
	"LsarEnumerateAuditCategories", "LsarEnumerateAuditSubCategories", "LsarLookupAuditCategoryName",
	"LsarLookupAuditSubCategoryName", "LsarSetAuditSecurity", "LsarQueryAuditSecurity", "CredReadByTokenHandle",
	"CredrRestoreCredentials", "CredrBackupCredentials",
};

static const char *const in_mgmt[] = {
	"inq_if_ids", "inq_stats", "is_server_listening", "stop_server_listening", "inq_princ_name",
};

static const char *const in_msgsvc[] = {
	"NetrMessageNameAdd", "NetrMessageNameEnum", "NetrMessageNameGetInfo", "NetrMessageNameDel",
};

static const char *const in_msgsvcsend[] = {
	"NetrSendMessage",
};

static const char *const in_netdfs[] = {
	"NetrDfsManagerGetVersion", "NetrDfsAdd", "NetrDfsRemove", "NetrDfsSetInfo", "NetrDfsGetInfo", "NetrDfsEnum",
	"NetrDfsMove", "NetrDfsRename", "NetrDfsManagerGetConfigInfo", "NetrDfsManagerSendSiteInfo",
	"NetrDfsAddFtRoot", "NetrDfsRemoveFtRoot", "NetrDfsAddStdRoot", "NetrDfsRemoveStdRoot",
	"NetrDfsManagerInitialize", "NetrDfsAddStdRootForced", "NetrDfsGetDcAddress", "NetrDfsSetDcAddress",
	"NetrDfsFlushFtTable", "NetrDfsAdd2", "NetrDfsRemove2", "NetrDfsEnumEx", "NetrDfsSetInfo2",
	"NetrDfsAddRootTarget", "NetrDfsRemoveRootTarget", "NetrDfsGetSupportedNamespaceVersion",
};

static const char *const in_netlogon[] = {
	"NetrLogonUasLogon", "NetrLogonUasLogoff", "NetrLogonSamLogon", "NetrLogonSamLogoff",
	"NetrServerReqChallenge", "NetrServerAuthenticate", "NetrServerPasswordSet", "NetrDatabaseDeltas",
	"NetrDatabaseSync", "NetrAccountDeltas", "NetrAccountSync", "NetrGetDCName", "NetrLogonControl",
	"NetrGetAnyDCName", "NetrLogonControl2", "NetrServerAuthenticate2", "NetrDatabaseSync2", "NetrDatabaseRedo",
	"NetrLogonControl2Ex", "NetrEnumerateTrustedDomains", "DsrGetDcName", "NetrLogonGetCapabilities",
	"NetrLogonSetServiceBits", "NetrLogonGetTrustRid", "NetrLogonComputeServerDigest",
	"NetrLogonComputeClientDigest", "NetrServerAuthenticate3", "DsrGetDcNameEx", "DsrGetSiteName",
	"NetrLogonGetDomainInfo", "NetrServerPasswordSet2", "NetrServerPasswordGet", "NetrLogonSendToSam",
	"DsrAddressToSiteNamesW", "DsrGetDcNameEx2", "NetrLogonGetTimeServiceParentDomain",
	"NetrEnumerateTrustedDomainsEx", "DsrAddressToSiteNamesExW", "DsrGetDcSiteCoverageW", "NetrLogonSamLogonEx",
	"DsrEnumerateDomainTrusts", "DsrDeregisterDnsHostRecords", "NetrServerTrustPasswordsGet",
	"DsrGetForestTrustInformation", "NetrGetForestTrustInformation", "NetrLogonSamLogonWithFlags",
	"NetrServerGetTrustInfo", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	"NetrServerAuthenticateKerberos",
};

static const char *const in_NsiC[] = {
	"nsi_binding_lookup_begin", "nsi_binding_lookup_done", "nsi_binding_lookup_next",
	"nsi_mgmt_handle_set_exp_age",
};

static const char *const in_NsiS[] = {
	"nsi_binding_export", "nsi_binding_unexport", "nsi_binding_lookup_begin", "nsi_binding_lookup_next",
	"nsi_binding_lookup_done",
};

static const char *const in_nspi[] = {
	"NspiBind", "NspiUnbind", "NspiUpdateStat", "NspiQueryRows", "NspiSeekEntries", "NspiGetMatches",
	"NspiResortRestriction", "NspiDNToMId", "NspiGetPropList", "NspiGetProps", "NspiCompareMIds", "NspiModProps",
	"NspiGetSpecialTable", "NspiGetTemplateInfo", "NspiModLinkAtt", "NspiDeleteEntries", "NspiQueryColumns",
	"NspiGetNamesFromIDs", "NspiGetIDsFromNames", "NspiResolveNames", "NspiResolveNamesW",
};

static const char *const in_PNIO_parameter_server[] = {
	"Connect", "Release", "Read", "Write", "Control", "ReadImplicit",
};

static const char *const in_pnp[] = {
	"PNP_Disconnect", "PNP_Connect", "PNP_GetVersion", "PNP_GetGlobalState", "PNP_InitDetection",
	"PNP_ReportLogOn", "PNP_ValidateDeviceInstance", "PNP_GetRootDeviceInstance", "PNP_GetRelatedDeviceInstance",
	"PNP_EnumerateSubKeys", "PNP_GetDeviceList", "PNP_GetDeviceListSize", "PNP_GetDepth", "PNP_GetDeviceRegProp",
	"PNP_SetDeviceRegProp", "PNP_GetClassInstance", "PNP_CreateKey", "PNP_DeleteRegistryKey",
	"PNP_GetClassCount", "PNP_GetClassName", "PNP_DeleteClassKey", "PNP_GetInterfaceDeviceAlias",
	"PNP_GetInterfaceDeviceList", "PNP_GetInterfaceDeviceListSize", "PNP_RegisterDeviceClassAssociation",
	"PNP_UnregisterDeviceClassAssociation", "PNP_GetClassRegProp", "PNP_SetClassRegProp", "PNP_CreateDevInst",
	"PNP_DeviceInstanceAction", "PNP_GetDeviceStatus", "PNP_SetDeviceProblem", "PNP_DisableDevInst",
	"PNP_UninstallDevInst", "PNP_AddID", "PNP_RegisterDriver", "PNP_QueryRemove", "PNP_RequestDeviceEject",
	"PNP_IsDockStationPresent", "PNP_RequestEjectPC", "PNP_HwProfFlags", "PNP_GetHwProfInfo",
	"PNP_AddEmptyLogConf", "PNP_FreeLogConf", "PNP_GetFirstLogConf", "PNP_GetNextLogConf",
	"PNP_GetLogConfPriority", "PNP_AddResDes", "PNP_FreeResDes", "PNP_GetNextResDes", "PNP_GetResDesData",
	"PNP_GetResDesDataSize", "PNP_ModifyResDes", "PNP_DetectResourceConflict", "PNP_QueryResConfList",
	"PNP_SetHwProf", "PNP_QueryArbitratorFreeData", "PNP_QueryArbitratorFreeSize", "PNP_RunDetection",
	"PNP_RegisterNotification", "PNP_UnregisterNotification", "PNP_GetCustomDevProp", "PNP_GetVersionInternal",
	"PNP_GetBlockedDriverInfo", "PNP_GetServerSideDeviceInstallFlags",
};

static const char *const in_qm2qm[] = {
	"RemoteQMStartReceive", "RemoteQMEndReceive", "RemoteQMOpenQueue", "RemoteQMCloseQueue",
	"RemoteQMCloseCursor", "RemoteQMCancelReceive", "RemoteQMPurgeQueue", "RemoteQMGetQMQMServerPort",
	"RemoteQmGetVersion", "RemoteQMStartReceive2", "RemoteQMStartReceiveByLookupId",
};

static const char *const in_qmcomm[] = {
	"R_QMGetRemoteQueueName", "R_QMOpenRemoteQueue", "R_QMCloseRemoteQueueContext", "R_QMCreateRemoteCursor",
	NULL, NULL, "R_QMCreateObjectInternal", "R_QMSetObjectSecurityInternal", "R_QMGetObjectSecurityInternal",
	"R_QMDeleteObject", "R_QMGetObjectProperties", "R_QMSetObjectProperties", "R_QMObjectPathToObjectFormat",
	NULL, "R_QMGetTmWhereabouts", "R_QMEnlistTransaction", "R_QMEnlistInternalTransaction",
	"R_QMCommitTransaction", "R_QMAbortTransaction", "rpc_QMOpenQueueInternal", "rpc_ACCloseHandle", NULL,
	"rpc_ACCloseCursor", "rpc_ACSetCursorProperties", NULL, "rpc_ACHandleToFormatName", "rpc_ACPurgeQueue",
	"R_QMQueryQMRegistryInternal", NULL, NULL, "R_QMGetRTQMServerPort",
};

static const char *const in_qmcomm2[] = {
	"QMSendMessageInternalEx", "rpc_ACSendMessageEx", "rpc_ACReceiveMessageEx", "rpc_ACCreateCursorEx",
};

static const char *const in_qmmgmt[] = {
	"R_QMMgmtGetInfo", "R_QMMgmtAction",
};

static const char *const in_RegisterPerfCounters[] = {
	"PerflibV2EnumerateCounterSet", "PerflibV2QueryCounterSetRegistrationInfo",
	"PerflibV2EnumerateCounterSetInstances", "PerflibV2OpenQueryHandle", "PerflibV2CloseQueryHandle",
	"PerflibV2QueryCounterInfo", "PerflibV2QueryCounterData", "PerflibV2ValidateCounters",
};

static const char *const in_RemoteRead[] = {
	"R_GetServerPort", NULL, "R_OpenQueue", "R_CreateCursor", "R_CloseCursor", "R_PurgeQueue", "R_StartReceive",
	"R_CancelReceive", "R_EndReceive", "R_MoveMessage", "R_OpenQueueForMove", "R_QMEnlistRemoteTransaction",
	"R_StartTransactionalReceive", "R_SetUserAcknowledgementClass", "R_EndTransactionalReceive",
};

static const char *const in_RpcSrvDHCPC[] = {
	"RpcSrvEnableDhcp", "RpcSrvRenewLease", "RpcSrvRenewLeaseByBroadcast", "RpcSrvReleaseLease",
	"RpcSrvSetFallbackParams", "RpcSrvGetFallbackParams", "RpcSrvFallbackRefreshParams",
	"RpcSrvStaticRefreshParams", "RpcSrvRemoveDnsRegistrations", "RpcSrvRequestParams",
	"RpcSrvPersistentRequestParams", "RpcSrvRegisterParams", "RpcSrvDeRegisterParams", "RpcSrvEnumInterfaces",
	"RpcSrvQueryLeaseInfo", "RpcSrvSetClassId", "RpcSrvGetClassId", "RpcSrvSetClientId", "RpcSrvGetClientId",
	"RpcSrvNotifyMediaReconnected", "RpcSrvGetOriginalSubnetMask", "RpcSrvSetMSFTVendorSpecificOptions",
	"RpcSrvRequestCachedParams", "RpcSrvRegisterConnectionStateNotification",
	"RpcSrvDeRegisterConnectionStateNotification", "RpcSrvGetNotificationStatus",
	"RpcSrvGetDhcpServicedConnections",
};

static const char *const in_samr[] = {
	"SamrConnect", "SamrCloseHandle", "SamrSetSecurityObject", "SamrQuerySecurityObject",
	"SamrShutdownSamServer", "SamrLookupDomainInSamServer", "SamrEnumerateDomainsInSamServer", "SamrOpenDomain",
	"SamrQueryInformationDomain", "SamrSetInformationDomain", "SamrCreateGroupInDomain",
	"SamrEnumerateGroupsInDomain", "SamrCreateUserInDomain", "SamrEnumerateUsersInDomain",
	"SamrCreateAliasInDomain", "SamrEnumerateAliasesInDomain", "SamrGetAliasMembership",
	"SamrLookupNamesInDomain", "SamrLookupIdsInDomain", "SamrOpenGroup", "SamrQueryInformationGroup",
	"SamrSetInformationGroup", "SamrAddMemberToGroup", "SamrDeleteGroup", "SamrRemoveMemberFromGroup",
	"SamrGetMembersInGroup", "SamrSetMemberAttributesOfGroup", "SamrOpenAlias", "SamrQueryInformationAlias",
	"SamrSetInformationAlias", "SamrDeleteAlias", "SamrAddMemberToAlias", "SamrRemoveMemberFromAlias",
	"SamrGetMembersInAlias", "SamrOpenUser", "SamrDeleteUser", "SamrQueryInformationUser",
	"SamrSetInformationUser", "SamrChangePasswordUser", "SamrGetGroupsForUser", "SamrQueryDisplayInformation",
	"SamrGetDisplayEnumerationIndex", "SamrTestPrivateFunctionsDomain", "SamrTestPrivateFunctionsUser",
	"SamrGetUserDomainPasswordInformation", "SamrRemoveMemberFromForeignDomain", "SamrQueryInformationDomain2",
	"SamrQueryInformationUser2", "SamrQueryDisplayInformation2", "SamrGetDisplayEnumerationIndex2",
	"SamrCreateUser2InDomain", "SamrQueryDisplayInformation3", "SamrAddMultipleMembersToAlias",
	"SamrRemoveMultipleMembersFromAlias", "SamrOemChangePasswordUser2", "SamrUnicodeChangePasswordUser2",
	"SamrGetDomainPasswordInformation", "SamrConnect2", "SamrSetInformationUser2", "SamrSetBootKeyInformation",
	"SamrGetBootKeyInformation", "SamrConnect3", "SamrConnect4", "SamrUnicodeChangePasswordUser3",
	"SamrConnect5", "SamrRidToSid", "SamrSetDSRMPassword", "SamrValidatePassword",
	"SamrQueryLocalizableAccountsInDomain", "SamrPerformGenericOperation", "SamrSyncDSRMPasswordFromAccount",
	"SamrLookupNamesInDomain2", "SamrEnumerateUsersInDomain2", "SamrUnicodeChangePasswordUser4",
	"SamrValidateComputerAccountReuseAttempt", NULL, NULL, NULL, "SamrAccountIsDelegatedManagedServiceAccount",
};

static const char *const in_sasec[] = {
	"SASetAccountInformation", "SASetNSAccountInformation", "SAGetNSAccountInformation",
	"SAGetAccountInformation",
};

static const char *const in_spoolss[] = {
	"RpcEnumPrinters", "RpcOpenPrinter", "RpcSetJob", "RpcGetJob", "RpcEnumJobs", "RpcAddPrinter",
	"RpcDeletePrinter", "RpcSetPrinter", "RpcGetPrinter", "RpcAddPrinterDriver", "RpcEnumPrinterDrivers",
	"RpcGetPrinterDriver", "RpcGetPrinterDriverDirectory", "RpcDeletePrinterDriver", "RpcAddPrintProcessor",
	"RpcEnumPrintProcessors", "RpcGetPrintProcessorDirectory", "RpcStartDocPrinter", "RpcStartPagePrinter",
	"RpcWritePrinter", "RpcEndPagePrinter", "RpcAbortPrinter", "RpcReadPrinter", "RpcEndDocPrinter", "RpcAddJob",
	"RpcScheduleJob", "RpcGetPrinterData", "RpcSetPrinterData", "RpcWaitForPrinterChange", "RpcClosePrinter",
	"RpcAddForm", "RpcDeleteForm", "RpcGetForm", "RpcSetForm", "RpcEnumForms", "RpcEnumPorts", "RpcEnumMonitors",
	"RpcAddPort", "RpcConfigurePort", "RpcDeletePort", "RpcCreatePrinterIC", "RpcPlayGdiScriptOnPrinterIC",
	"RpcDeletePrinterIC", "RpcAddPrinterConnection", "RpcDeletePrinterConnection", "RpcPrinterMessageBox",
	"RpcAddMonitor", "RpcDeleteMonitor", "RpcDeletePrintProcessor", "RpcAddPrintProvidor",
	"RpcDeletePrintProvidor", "RpcEnumPrintProcessorDatatypes", "RpcResetPrinter", "RpcGetPrinterDriver2",
	"RpcClientFindFirstPrinterChangeNotification", "RpcFindNextPrinterChangeNotification",
	"RpcFindClosePrinterChangeNotification", "RpcRouterFindFirstPrinterChangeNotificationOld",
	"RpcReplyOpenPrinter", "RpcRouterReplyPrinter", "RpcReplyClosePrinter", "RpcAddPortEx",
	"RpcRemoteFindFirstPrinterChangeNotification", "RpcSpoolerInit", "RpcResetPrinterEx",
	"RpcRemoteFindFirstPrinterChangeNotificationEx", "RpcRouterReplyPrinterEx",
	"RpcRouterRefreshPrinterChangeNotification", "RpcSetAllocFailCount", "RpcOpenPrinterEx", "RpcAddPrinterEx",
	"RpcSetPort", "RpcEnumPrinterData", "RpcDeletePrinterData", "RpcClusterSplOpen", "RpcClusterSplClose",
	"RpcClusterSplIsAlive", "RpcSetPrinterDataEx", "RpcGetPrinterDataEx", "RpcEnumPrinterDataEx",
	"RpcEnumPrinterKey", "RpcDeletePrinterDataEx", "RpcDeletePrinterKey", "RpcSeekPrinter",
	"RpcDeletePrinterDriverEx", "RpcAddPerMachineConnection", "RpcDeletePerMachineConnection",
	"RpcEnumPerMachineConnections", "RpcXcvData", "RpcAddPrinterDriverEx", "RpcSplOpenPrinter",
	"RpcGetSpoolFileInfo", "RpcCommitSpoolData", "RpcCloseSpoolFileHandle", "RpcFlushPrinter",
	"RpcSendRecvBidiData", "RpcAddDriverCatalog", "RpcAddPrinterConnection2", "RpcDeletePrinterConnection2",
	"RpcInstallPrinterDriverFromPackage", "RpcUploadPrinterDriverPackage", "RpcGetCorePrinterDrivers",
	"RpcCorePrinterDriverInstalled", "RpcGetPrinterDriverPackagePath", "RpcReportJobProcessingProgress", NULL,
	NULL, NULL, NULL, NULL, "RpcGetJobNamedPropertyValue", "RpcSetJobNamedProperty", "RpcDeleteJobNamedProperty",
	"RpcEnumJobNamedProperties", NULL, NULL, "RpcLogJobInfoForBranchOffice",
};

static const char *const in_srvsvc[] = {
	"NetrCharDevEnum", "NetrCharDevGetInfo", "NetrCharDevControl", "NetrCharDevQEnum", "NetrCharDevQGetInfo",
	"NetrCharDevQSetInfo", "NetrCharDevQPurge", "NetrCharDevQPurgeSelf", "NetrConnectionEnum", "NetrFileEnum",
	"NetrFileGetInfo", "NetrFileClose", "NetrSessionEnum", "NetrSessionDel", "NetrShareAdd", "NetrShareEnum",
	"NetrShareGetInfo", "NetrShareSetInfo", "NetrShareDel", "NetrShareDelSticky", "NetrShareCheck",
	"NetrServerGetInfo", "NetrServerSetInfo", "NetrServerDiskEnum", "NetrServerStatisticsGet",
	"NetrServerTransportAdd", "NetrServerTransportEnum", "NetrServerTransportDel", "NetrRemoteTOD",
	"NetrServerSetServiceBits", "NetprPathType", "NetprPathCanonicalize", "NetprPathCompare",
	"NetprNameValidate", "NetprNameCanonicalize", "NetprNameCompare", "NetrShareEnumSticky", "NetrShareDelStart",
	"NetrShareDelCommit", "NetrpGetFileSecurity", "NetrpSetFileSecurity", "NetrServerTransportAddEx",
	"NetrServerSetServiceBitsEx", "NetrDfsGetVersion", "NetrDfsCreateLocalPartition",
	"NetrDfsDeleteLocalPartition", "NetrDfsSetLocalVolumeState", "NetrDfsSetServerInfo",
	"NetrDfsCreateExitPoint", "NetrDfsDeleteExitPoint", "NetrDfsModifyPrefix", "NetrDfsFixLocalVolume",
	"NetrDfsManagerReportSiteInfo", "NetrServerTransportDelEx", "NetrServerAliasAdd", "NetrServerAliasEnum",
	"NetrServerAliasDel", "NetrShareDelEx",
};

static const char *const in_svcctl[] = {
	"CloseServiceHandle", "ControlService", "DeleteService", "LockServiceDatabase", "QueryServiceObjectSecurity",
	"SetServiceObjectSecurity", "QueryServiceStatus", "SetServiceStatus", "UnlockServiceDatabase",
	"NotifyBootConfigStatus", "ScSetServiceBitsW", "ChangeServiceConfigW", "CreateServiceW",
	"EnumDependentServicesW", "EnumServicesStatusW", "OpenSCManagerW", "OpenServiceW", "QueryServiceConfigW",
	"QueryServiceLockStatusW", "StartServiceW", "GetServiceDisplayNameW", "GetServiceKeyNameW",
	"ScSetServiceBitsA", "ChangeServiceConfigA", "CreateServiceA", "EnumDependentServicesA",
	"EnumServicesStatusA", "OpenSCManagerA", "OpenServiceA", "QueryServiceConfigA", "QueryServiceLockStatusA",
	"StartServiceA", "GetServiceDisplayNameA", "GetServiceKeyNameA", "ScGetCurrentGroupStateW",
	"EnumServiceGroupW", "ChangeServiceConfig2A", "ChangeServiceConfig2W", "QueryServiceConfig2A",
	"QueryServiceConfig2W", "QueryServiceStatusEx", "EnumServicesStatusExA", "EnumServicesStatusExW",
	"ScSendTSMessage", "CreateServiceWOW64A", "CreateServiceWOW64W", "ScQueryServiceTagInfo",
	"NotifyServiceStatusChange", "GetNotifyResult", "CloseNotifyHandle", "ControlServiceExA",
	"ControlServiceExW", "ScSendPnPMessage", "ScValidatePnPService", "ScOpenServiceStatusHandle",
	"ScQueryServiceConfig", "ScQueryService", "QueryServiceConfigEx", "ScRegisterPreshutdownRestart",
	"ScReparseServiceDatabase", "CreateWowService", "ScGetServiceProcessToken", "ScPrepareSystemShutdown",
	"ScRequestServiceControl", "OpenSCManager2",
};

static const char *const in_tapsrv[] = {
	"ClientAttach", "ClientRequest", "ClientDetach",
};

static const char *const in_TermSrvEnumeration[] = {
	"RpcOpenEnum", "RpcCloseEnum", "RpcFilterByState", "RpcFilterByCallersName", "RpcEnumAddFilter",
	"RpcGetEnumResult", "RpcFilterBySessionType", NULL, "RpcGetSessionIds", "RpcGetEnumResultEx",
	"RpcGetAllSessions", "RpcGetAllSessionsEx",
};

static const char *const in_TermSrvNotification[] = {
	"RpcWaitForSessionState", "RpcRegisterAsyncNotification", "RpcWaitAsyncNotification",
	"RpcUnRegisterAsyncNotification",
};

static const char *const in_TermSrvSession[] = {
	"RpcOpenSession", "RpcCloseSession", "RpcConnect", "RpcDisconnect", "RpcLogoff", "RpcGetUserName",
	"RpcGetTerminalName", "RpcGetState", "RpcIsSessionDesktopLocked", "RpcShowMessageBox", "RpcGetTimes",
	"RpcGetSessionCounters", "RpcGetSessionInformation", NULL, NULL, "RpcGetLoggedOnCount", "RpcGetSessionType",
	"RpcGetSessionInformationEx",
};

static const char *const in_trksvr[] = {
	"LnkSvrMessage",
};

static const char *const in_trkwks[] = {
	NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "LnkSearchMachine",
};

static const char *const in_WindowsShutdown[] = {
	"WsdrInitiateShutdown", "WsdrAbortShutdown",
};

static const char *const in_winreg[] = {
	"OpenClassesRoot", "OpenCurrentUser", "OpenLocalMachine", "OpenPerformanceData", "OpenUsers",
	"BaseRegCloseKey", "BaseRegCreateKey", "BaseRegDeleteKey", "BaseRegDeleteValue", "BaseRegEnumKey",
	"BaseRegEnumValue", "BaseRegFlushKey", "BaseRegGetKeySecurity", "BaseRegLoadKey",
	"BaseRegNotifyChangeKeyValue", "BaseRegOpenKey", "BaseRegQueryInfoKey", "BaseRegQueryValue",
	"BaseRegReplaceKey", "BaseRegRestoreKey", "BaseRegSaveKey", "BaseRegSetKeySecurity", "BaseRegSetValue",
	"BaseRegUnLoadKey", "BaseInitiateSystemShutdown", "BaseAbortSystemShutdown", "BaseRegGetVersion",
	"OpenCurrentConfig", "OpenDynData", "BaseRegQueryMultipleValues", "BaseInitiateSystemShutdownEx",
	"BaseRegSaveKeyEx", "OpenPerformanceText", "OpenPerformanceNlsText", "BaseRegQueryMultipleValues2",
	"BaseRegDeleteKeyEx",
};

static const char *const in_winsi2[] = {
	"R_WinsTombstoneDbRecs", "R_WinsCheckAccess",
};

static const char *const in_winspipe[] = {
	"R_WinsRecordAction", "R_WinsStatus", "R_WinsTrigger", "R_WinsDoStaticInit", "R_WinsDoScavenging",
	"R_WinsGetDbRecs", "R_WinsTerm", "R_WinsBackup", "R_WinsDelDbRecs", "R_WinsPullRange",
	"R_WinsSetPriorityClass", "R_WinsResetCounters", "R_WinsWorkerThdUpd", "R_WinsGetNameAndAdd",
	"R_WinsGetBrowserNames_Old", "R_WinsDeleteWins", "R_WinsSetFlags", "R_WinsGetBrowserNames",
	"R_WinsGetDbRecsByName", "R_WinsStatusNew", "R_WinsStatusWHdl", "R_WinsDoScavengingNew",
};

static const char *const in_winstation_rpc[] = {
	"RpcWinStationOpenServer", "RpcWinStationCloseServer", "RpcIcaServerPing", "RpcWinStationEnumerate",
	"RpcWinStationRename", "RpcWinStationQueryInformation", "RpcWinStationSetInformation",
	"RpcWinStationSendMessage", "RpcLogonIdFromWinStationName", "RpcWinStationNameFromLogonId",
	"RpcWinStationConnect", NULL, NULL, "RpcWinStationDisconnect", "RpcWinStationReset",
	"RpcWinStationShutdownSystem", "RpcWinStationWaitSystemEvent", "RpcWinStationShadow", NULL, NULL, NULL, NULL,
	NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	"RpcWinStationEnumerateProcesses", "RpcWinStationTerminateProcess", NULL, NULL, NULL, NULL, NULL,
	"RpcWinStationGetAllProcesses", "RpcWinStationGetProcessSid", "RpcWinStationGetTermSrvCountersValue",
	"RpcWinStationReInitializeSecurity",
};

static const char *const in_wkssvc[] = {
	"NetrWkstaGetInfo", "NetrWkstaSetInfo", "NetrWkstaUserEnum", "NetrWkstaUserGetInfo", "NetrWkstaUserSetInfo",
	"NetrWkstaTransportEnum", "NetrWkstaTransportAdd", "NetrWkstaTransportDel", "NetrUseAdd", "NetrUseGetInfo",
	"NetrUseDel", "NetrUseEnum", "NetrMessageBufferSend", "NetrWorkstationStatisticsGet",
	"NetrLogonDomainNameAdd", "NetrLogonDomainNameDel", "NetrJoinDomain", "NetrUnjoinDomain",
	"NetrRenameMachineInDomain", "NetrValidateName", "NetrGetJoinInformation", "NetrGetJoinableOUs",
	"NetrJoinDomain2", "NetrUnjoinDomain2", "NetrRenameMachineInDomain2", "NetrValidateName2",
	"NetrGetJoinableOUs2", "NetrAddAlternateComputerName", "NetrRemoveAlternateComputerName",
	"NetrSetPrimaryComputerName", "NetrEnumerateComputerNames",
};

/* clang-format on */

#endif
