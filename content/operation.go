package content

import "sextant/content/iam"

// Operation states what one method of Service demands of its caller. Methods look their permission up here, and a test
// fails for an exported method that is not in the table or does not use its entry.
type Operation struct {
	Name string
	// Permission is needed on the resource that the method is about; on the root where it is about none.
	Permission iam.Permission
	// Open is set where no permission is needed, and says why.
	Open string
}

type opName string

const (
	opGet                opName = "Get"
	opResolve            opName = "Resolve"
	opResolveBelow       opName = "ResolveBelow"
	opAncestors          opName = "Ancestors"
	opCreate             opName = "Create"
	opSave               opName = "Save"
	opRead               opName = "Read"
	opHistory            opName = "History"
	opLastEdit           opName = "LastEdit"
	opRevision           opName = "Revision"
	opRestoreRevision    opName = "RestoreRevision"
	opNameRevision       opName = "NameRevision"
	opHoldRevision       opName = "HoldRevision"
	opReleaseRevision    opName = "ReleaseRevision"
	opUpdate             opName = "Update"
	opMove               opName = "Move"
	opCopy               opName = "Copy"
	opCopyTree           opName = "CopyTree"
	opTrash              opName = "Trash"
	opRestore            opName = "Restore"
	opPurge              opName = "Purge"
	opListTrash          opName = "ListTrash"
	opSetRetention       opName = "SetRetention"
	opMark               opName = "Mark"
	opMarked             opName = "Marked"
	opList               opName = "List"
	opVisible            opName = "Visible"
	opSharedWithMe       opName = "SharedWithMe"
	opSearch             opName = "Search"
	opChanges            opName = "Changes"
	opGetIamPolicy       opName = "GetIamPolicy"
	opSetIamPolicy       opName = "SetIamPolicy"
	opTestIamPermissions opName = "TestIamPermissions"
	opExplain            opName = "Explain"
	opWhoCan             opName = "WhoCan"
	opTransferOwnership  opName = "TransferOwnership"
	opRequestAccess      opName = "RequestAccess"
	opAccessRequests     opName = "AccessRequests"
	opDecideAccess       opName = "DecideAccess"
	opRoles              opName = "Roles"
	opPutRole            opName = "PutRole"
	opDeleteRole         opName = "DeleteRole"
	opMe                 opName = "Me"
	opDirectory          opName = "Directory"
	opNames              opName = "Names"
	opPrincipals         opName = "Principals"
	opPrincipal          opName = "Principal"
	opPutPrincipal       opName = "PutPrincipal"
	opSetDisabled        opName = "SetDisabled"
	opGroups             opName = "Groups"
	opGroupMembers       opName = "GroupMembers"
	opPutGroup           opName = "PutGroup"
	opDeleteGroup        opName = "DeleteGroup"
	opSetGroupMember     opName = "SetGroupMember"
	opCreateToken        opName = "CreateToken"
	opTokens             opName = "Tokens"
	opRevokeToken        opName = "RevokeToken"
	opAuthenticateToken  opName = "AuthenticateToken"
	opCreateSignIn       opName = "CreateSignIn"
	opAuthenticateSignIn opName = "AuthenticateSignIn"
	opEndSignIn          opName = "EndSignIn"
	opSignIns            opName = "SignIns"
	opEndSession         opName = "EndSession"
	opEndSessions        opName = "EndSessions"

	opEndProviderSessions opName = "EndProviderSessions"
	opPasswordHash        opName = "PasswordHash"
	opSetPassword         opName = "SetPassword"
	opCreateLink          opName = "CreateLink"
	opInvite              opName = "Invite"
	opSetOwnName          opName = "SetOwnName"
	opFollowLink          opName = "FollowLink"
	opAudit               opName = "Audit"
	opExportAudit         opName = "ExportAudit"
	opVerifyAudit         opName = "VerifyAudit"
	opMaintain            opName = "Maintain"
	opCheck               opName = "Check"
	opBackup              opName = "Backup"
	opInitialize          opName = "Initialize"
	opHome                opName = "Home"
	opPreferences         opName = "Preferences"
	opPreference          opName = "Preference"
	opPutPreference       opName = "PutPreference"
	opDeletePreference    opName = "DeletePreference"
	opRecordUsage         opName = "RecordUsage"
	opUsage               opName = "Usage"
	opProcessorTime       opName = "ProcessorTime"
	opUseEnvironment      opName = "UseEnvironment"
	opUseDataSource       opName = "UseDataSource"
	opUsable              opName = "Usable"
	opSecrets             opName = "Secrets"
	opPutSecret           opName = "PutSecret"
	opDeleteSecret        opName = "DeleteSecret"
	opUseSecret           opName = "UseSecret"
	opCreateShareLink     opName = "CreateShareLink"
	opShareLinks          opName = "ShareLinks"
	opShareLink           opName = "ShareLink"
	opRevokeShareLink     opName = "RevokeShareLink"
	opFindShareLink       opName = "FindShareLink"
	opOpenShareLink       opName = "OpenShareLink"
	opReadShared          opName = "ReadShared"
	opCreateJob           opName = "CreateJob"
	opJob                 opName = "Job"
	opJobs                opName = "Jobs"
	opReadJob             opName = "ReadJob"
	opSaveJob             opName = "SaveJob"
	opAdvanceJob          opName = "AdvanceJob"
	opCancelJob           opName = "CancelJob"
	opDeleteJob           opName = "DeleteJob"
	opUnfinishedJobs      opName = "UnfinishedJobs"
	opMayRun              opName = "MayRun"
	opKeepResult          opName = "KeepResult"
	opResult              opName = "Result"
	opReadResult          opName = "ReadResult"
	opResults             opName = "Results"
	opJobResults          opName = "JobResults"
	opTakeResults         opName = "TakeResults"
	opSharedResult        opName = "SharedResult"
	opReadSharedResult    opName = "ReadSharedResult"
	opCreateSnapshot      opName = "CreateSnapshot"
	opSnapshots           opName = "Snapshots"
	opOwnSnapshots        opName = "OwnSnapshots"
	opDeleteSnapshot      opName = "DeleteSnapshot"
)

// Operations is the table: every exported method of Service but Close.
func Operations() []Operation {
	const (
		self      = "it is about the actor alone"
		filters   = "it gives only what the actor may see, each item checked with resources.get"
		directory = "whoever signed in may know what others are called, to share with them; it tells nothing else. A token that is limited must have principals.list"
		proves    = "it proves who acts; its secret is the permission"
		embeds    = "it is called by the code that checked a link's secret, or the signature of an embed, never for a caller; the link's maker has to be allowed to share the document"
		local     = "it is called by the program that owns the store, before anybody can sign in"
	)
	return []Operation{
		{Name: "Get", Permission: iam.ResourcesGet},
		{Name: "Resolve", Permission: iam.ResourcesGet},
		{Name: "ResolveBelow", Permission: iam.ResourcesGet},
		{Name: "Ancestors", Permission: iam.ResourcesGet},
		{Name: "Create", Permission: iam.ResourcesCreate},
		{Name: "Save", Permission: iam.DocumentsUpdate},
		{Name: "Read", Permission: iam.DocumentsRead},
		{Name: "History", Permission: iam.RevisionsList},
		{Name: "LastEdit", Permission: iam.DocumentsRead},
		{Name: "Revision", Permission: iam.RevisionsList},
		{Name: "RestoreRevision", Permission: iam.DocumentsUpdate},
		{Name: "NameRevision", Permission: iam.RevisionsUpdate},
		{Name: "HoldRevision", Permission: iam.RevisionsUpdate},
		{Name: "ReleaseRevision", Permission: iam.RevisionsUpdate},
		{Name: "Update", Permission: iam.ResourcesUpdate},
		{Name: "Move", Permission: iam.ResourcesMove},
		{Name: "Copy", Permission: iam.DocumentsRead},
		{Name: "CopyTree", Permission: iam.ResourcesGet},
		{Name: "Trash", Permission: iam.ResourcesDelete},
		{Name: "Restore", Permission: iam.ResourcesDelete},
		{Name: "Purge", Permission: iam.ResourcesPurge},
		{Name: "ListTrash", Open: "it gives only what the actor may take out again, each item checked with resources.delete"},
		{Name: "SetRetention", Permission: iam.FoldersSetRetention},
		{Name: "Mark", Permission: iam.ResourcesGet},
		{Name: "Marked", Open: filters},
		{Name: "List", Permission: iam.ResourcesList},
		{Name: "Visible", Open: filters},
		{Name: "SharedWithMe", Open: filters},
		{Name: "Search", Open: "it gives only what the actor may read, each item checked with documents.read"},
		{Name: "Changes", Open: filters},
		{Name: "GetIamPolicy", Permission: iam.ResourcesGetIamPolicy},
		{Name: "SetIamPolicy", Permission: iam.ResourcesSetIamPolicy},
		{Name: "TestIamPermissions", Open: "it tells only what the actor may do, which trying would tell too"},
		{Name: "Explain", Permission: iam.ResourcesGetIamPolicy},
		{Name: "WhoCan", Permission: iam.ResourcesGetIamPolicy},
		{Name: "TransferOwnership", Permission: iam.ResourcesSetIamPolicy},
		{Name: "RequestAccess", Open: "it is for who has no access; it tells nothing back"},
		{Name: "AccessRequests", Permission: iam.ResourcesSetIamPolicy},
		{Name: "DecideAccess", Permission: iam.ResourcesSetIamPolicy},
		{Name: "Roles", Open: "the roles are no secret"},
		{Name: "PutRole", Permission: iam.RolesManage},
		{Name: "DeleteRole", Permission: iam.RolesManage},
		{Name: "Me", Open: self},
		{Name: "Directory", Open: directory},
		{Name: "Names", Open: directory},
		{Name: "Principals", Permission: iam.PrincipalsList},
		{Name: "Principal", Permission: iam.PrincipalsList},
		{Name: "PutPrincipal", Permission: iam.PrincipalsManage},
		{Name: "SetDisabled", Permission: iam.PrincipalsManage},
		{Name: "Groups", Permission: iam.GroupsList},
		{Name: "GroupMembers", Permission: iam.GroupsList},
		{Name: "PutGroup", Permission: iam.GroupsManage},
		{Name: "DeleteGroup", Permission: iam.GroupsManage},
		{Name: "SetGroupMember", Permission: iam.GroupsManage},
		{Name: "CreateToken", Permission: iam.PrincipalsManage, Open: self + "; for another principal the permission is needed"},
		{Name: "Tokens", Permission: iam.PrincipalsManage, Open: self + "; for another principal the permission is needed"},
		{Name: "RevokeToken", Permission: iam.PrincipalsManage, Open: self + "; for another principal the permission is needed"},
		{Name: "AuthenticateToken", Open: proves},
		{Name: "CreateSignIn", Open: local},
		{Name: "AuthenticateSignIn", Open: proves},
		{Name: "EndSignIn", Open: proves},
		{Name: "SignIns", Permission: iam.PrincipalsManage, Open: self + "; for another principal the permission is needed"},
		{Name: "EndSession", Permission: iam.PrincipalsManage, Open: self + "; for another principal the permission is needed"},
		{Name: "EndSessions", Permission: iam.PrincipalsManage, Open: self + "; for another principal the permission is needed"},
		{Name: "EndProviderSessions", Open: "it is called by the code that verified what an OpenID provider said, never for a caller"},
		{Name: "PasswordHash", Open: "it is called by the code that checks a password, never for a caller"},
		{Name: "SetPassword", Permission: iam.PrincipalsManage, Open: self + "; for another principal the permission is needed"},
		{Name: "CreateLink", Permission: iam.PrincipalsManage},
		{Name: "FollowLink", Open: proves},
		{Name: "Invite", Permission: iam.ResourcesSetIamPolicy},
		{Name: "SetOwnName", Open: self},
		{Name: "Audit", Permission: iam.AuditRead},
		{Name: "ExportAudit", Permission: iam.AuditRead},
		{Name: "VerifyAudit", Permission: iam.AuditRead},
		{Name: "Maintain", Permission: iam.SystemMaintain},
		{Name: "Check", Permission: iam.SystemMaintain},
		{Name: "Backup", Permission: iam.SystemMaintain},
		{Name: "Initialize", Open: local},
		{Name: "RecordUsage", Permission: iam.SystemMaintain},
		{Name: "Usage", Permission: iam.PrincipalsManage, Open: self + "; for others the permission is needed"},
		{Name: "ProcessorTime", Permission: iam.SystemMaintain},
		{Name: "Home", Open: self},
		{Name: "Preferences", Open: self},
		{Name: "Preference", Open: self},
		{Name: "PutPreference", Open: self + "; a token must be one that may change documents"},
		{Name: "DeletePreference", Open: self + "; a token must be one that may change documents"},
		{Name: "UseEnvironment", Permission: iam.EnvironmentsUse},
		{Name: "UseDataSource", Permission: iam.DataSourcesUse},
		{Name: "Usable", Open: "it gives only what the actor may use, each item checked with environments.use or dataSources.use"},
		{Name: "Secrets", Permission: iam.SecretsList, Open: self + "; of a resource the permission is needed"},
		{Name: "PutSecret", Permission: iam.SecretsUpdate, Open: self + "; of a resource the permission is needed"},
		{Name: "DeleteSecret", Permission: iam.SecretsUpdate, Open: self + "; of a resource the permission is needed"},
		{Name: "UseSecret", Permission: iam.SecretsUse, Open: "it is called by the code that starts kernels, never for a caller; whoever saved what names the secret needs the permission"},
		{Name: "CreateShareLink", Permission: iam.ResourcesSetIamPolicy},
		{Name: "ShareLinks", Permission: iam.ResourcesSetIamPolicy},
		{Name: "ShareLink", Permission: iam.ResourcesSetIamPolicy},
		{Name: "RevokeShareLink", Permission: iam.ResourcesSetIamPolicy},
		{Name: "FindShareLink", Open: "the link's secret is the permission, as long as its maker may share the document"},
		{Name: "OpenShareLink", Open: "it is called by the code that checked the signature of an embed, never for a caller; the link's maker has to be allowed to share the document"},
		{Name: "ReadShared", Open: "it is called by the code that checked the link's secret and password, or the signature of an embed, never for a caller; the link's maker has to be allowed to share the document"},
		{Name: "CreateJob", Permission: iam.DocumentsExecute},
		{Name: "Job", Open: self + ", as long as they may read the job's document"},
		{Name: "Jobs", Open: self + "; of jobs whose document they may no longer read, it tells only that they were"},
		{Name: "ReadJob", Open: self + ", as long as they may read the job's document"},
		{Name: "SaveJob", Open: self + ", as long as they may read the job's document"},
		{Name: "AdvanceJob", Permission: iam.SystemMaintain},
		{Name: "CancelJob", Open: self + ", as long as they may read the job's document"},
		{Name: "DeleteJob", Open: self + ", as long as they may read the job's document"},
		{Name: "UnfinishedJobs", Permission: iam.SystemMaintain},
		{Name: "MayRun", Permission: iam.DocumentsExecute},
		{Name: "KeepResult", Permission: iam.DocumentsUpdate, Open: self + "; of a document the permission is needed"},
		{Name: "Result", Permission: iam.DocumentsRead, Open: "a job's is its principal's alone; of a document the permission is needed"},
		{Name: "ReadResult", Permission: iam.DocumentsRead, Open: "a job's is its principal's alone; of a document the permission is needed"},
		{Name: "Results", Permission: iam.DocumentsRead},
		{Name: "JobResults", Open: self + ", as long as they may read the job's document"},
		{Name: "TakeResults", Permission: iam.DocumentsUpdate},
		{Name: "SharedResult", Open: embeds},
		{Name: "ReadSharedResult", Open: embeds},
		{Name: "CreateSnapshot", Permission: iam.DocumentsRead, Open: "a job's is its principal's alone; of a document the permission is needed"},
		{Name: "Snapshots", Permission: iam.DocumentsRead, Open: "a job's are its principal's alone; of a document the permission is needed"},
		{Name: "OwnSnapshots", Open: self},
		{Name: "DeleteSnapshot", Permission: iam.DocumentsUpdate, Open: self + "; of others' the permission is needed"},
	}
}
