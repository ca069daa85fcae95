package iam

// Permission is one thing that can be done to a resource: "documents.read".
type Permission string

// What can be done to anything that has a place in the tree.
const (
	ResourcesGet          Permission = "resources.get"    // see it: name, type, owner, tags, description
	ResourcesList         Permission = "resources.list"   // list a folder's children
	ResourcesCreate       Permission = "resources.create" // create or receive a child in a folder
	ResourcesUpdate       Permission = "resources.update" // rename, describe, tag
	ResourcesMove         Permission = "resources.move"   // take it out of its folder
	ResourcesDelete       Permission = "resources.delete" // put into the trash and take out again
	ResourcesPurge        Permission = "resources.purge"  // delete for good
	ResourcesGetIamPolicy Permission = "resources.getIamPolicy"
	ResourcesSetIamPolicy Permission = "resources.setIamPolicy"
	FoldersSetRetention   Permission = "folders.setRetention"
)

// What can be done to a document.
const (
	DocumentsRead    Permission = "documents.read" // content and stored outputs
	DocumentsComment Permission = "documents.comment"
	DocumentsExecute Permission = "documents.execute" // run it as it stands
	DocumentsUpdate  Permission = "documents.update"  // save revisions
	RevisionsList    Permission = "revisions.list"    // see its history
	RevisionsUpdate  Permission = "revisions.update"  // name a revision
)

// What can be done to environments and data sources.
const (
	EnvironmentsUse Permission = "environments.use"
	DataSourcesUse  Permission = "dataSources.use"
)

// What can be done to the secrets that a resource holds; their values can be read by nobody.
const (
	SecretsList   Permission = "secrets.list"   // see their names
	SecretsUpdate Permission = "secrets.update" // set and delete them
	SecretsUse    Permission = "secrets.use"    // name them in an environment or data source that stands there or below
)

// What can be done to the server as a whole; checked on the root of the tree.
const (
	PrincipalsList   Permission = "principals.list"
	PrincipalsManage Permission = "principals.manage"
	GroupsList       Permission = "groups.list"
	GroupsManage     Permission = "groups.manage"
	RolesManage      Permission = "roles.manage"
	AuditRead        Permission = "audit.read"
	SystemMaintain   Permission = "system.maintain" // garbage collection, fsck, backup
)

// Permissions lists every permission there is, in the order of this file.
func Permissions() []Permission {
	return []Permission{
		ResourcesGet, ResourcesList, ResourcesCreate, ResourcesUpdate, ResourcesMove, ResourcesDelete, ResourcesPurge,
		ResourcesGetIamPolicy, ResourcesSetIamPolicy, FoldersSetRetention,
		DocumentsRead, DocumentsComment, DocumentsExecute, DocumentsUpdate, RevisionsList, RevisionsUpdate,
		EnvironmentsUse, DataSourcesUse, SecretsList, SecretsUpdate, SecretsUse,
		PrincipalsList, PrincipalsManage, GroupsList, GroupsManage, RolesManage, AuditRead, SystemMaintain,
	}
}
