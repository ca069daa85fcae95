// Made from server/api/openapi.json by `make types`; do not edit.

export interface paths {
    "/v1/access-requests/{request}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve or decline a request for access */
        post: operations["decideAccess"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Query the audit log, oldest first */
        get: operations["queryAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the audit log as NDJSON */
        get: operations["exportAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go through the whole chain of the audit log */
        post: operations["verifyAudit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List or follow what happens to resources that one may see
         * @description Without since it begins at the present. As text/event-stream or application/x-ndjson the answer goes on; each event tells where to resume from.
         */
        get: operations["followChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/data-sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the data sources that one may use, newest first, at most 200 */
        get: operations["listDataSources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/data-sources/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open a data source, as a session does */
        post: operations["testDataSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/directory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find people and groups to share with, by the beginnings of words of names and addresses */
        get: operations["searchDirectory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/directory/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell which people and groups are known here, and what they are called */
        get: operations["getNames"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the environments that one may use, newest first, at most 200 */
        get: operations["listEnvironments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/environments/{id}/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell how far an environment's Python packages are, with the log */
        get: operations["getPackages"];
        put?: never;
        /** Begin to install an environment's Python packages */
        post: operations["buildPackages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the groups */
        get: operations["listGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Add a group, or change its title */
        put: operations["putGroup"];
        post?: never;
        /** Delete a group */
        delete: operations["deleteGroup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{member}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who is directly in a group */
        get: operations["listGroupMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{member}/members/{who}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Put somebody into a group */
        put: operations["addGroupMember"];
        post?: never;
        /** Take somebody out of a group */
        delete: operations["removeGroupMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's jobs, newest first */
        get: operations["listJobs"];
        put?: never;
        /** Execute a document's cells or a statement, whether or not anybody watches */
        post: operations["createJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a job */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /** Forget a job that has ended, with its notebook */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have a job end; what it has done so far is kept */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a job to its end
         * @description As text/event-stream, or as application/x-ndjson where that is asked for: what has happened since the job began (or the server was restarted), and then what happens. The stream ends with the job.
         */
        get: operations["followJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/notebook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what a job executes, with the outputs so far, as a notebook */
        get: operations["readJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/results": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the stored results of a job, oldest first */
        get: operations["listJobResults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/marks/{mark}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what one starred, pinned, or read lately */
        get: operations["listMarked"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell who one is */
        get: operations["getSelf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change one's own password */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own secrets */
        get: operations["listOwnSecrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a secret of one's own */
        put: operations["putOwnSecret"];
        post?: never;
        /** Delete a secret of one's own */
        delete: operations["deleteOwnSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the snapshots that one made, newest first */
        get: operations["listOwnSnapshots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users and service accounts */
        get: operations["listPrincipals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a user or service account */
        get: operations["getPrincipal"];
        /** Add a user or service account, or change its names */
        put: operations["putPrincipal"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals/{member}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take every right from a principal at once */
        post: operations["disablePrincipal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals/{member}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a principal its rights back */
        post: operations["enablePrincipal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals/{member}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set another user's password */
        put: operations["setPassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals/{member}/sign-in-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a link that signs a user in once */
        post: operations["createSignInLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find a resource by its path */
        get: operations["resolvePath"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List everything that one may see, newest first */
        get: operations["listVisible"];
        put?: never;
        /** Create a folder or a small document */
        post: operations["createResource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a resource */
        get: operations["getResource"];
        put?: never;
        post?: never;
        /** Put a resource into the trash */
        delete: operations["trashResource"];
        options?: never;
        head?: never;
        /** Rename, describe or tag a resource */
        patch: operations["updateResource"];
        trace?: never;
    };
    "/v1/resources/{id}/access-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who asked for a role */
        get: operations["listAccessRequests"];
        put?: never;
        /** Ask for a role; tells nothing about the resource */
        post: operations["requestAccess"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/ancestors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the folders a resource stands in */
        get: operations["listAncestors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/children": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a folder */
        get: operations["listChildren"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a document's content */
        get: operations["readContent"];
        /** Save a document's content as a new revision */
        put: operations["saveContent"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/copy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Copy a document, or a folder with all in it that one may read */
        post: operations["copyDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare two revisions of a document, or one with another document's */
        get: operations["diffRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create a document in a folder from its content */
        post: operations["uploadDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/environment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell which environment a notebook or SQL script names, as far as one may see it */
        get: operations["getDocumentEnvironment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Explain why a principal may or may not do something */
        get: operations["explainAccess"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/iam-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a resource's own policy */
        get: operations["getIamPolicy"];
        /** Replace a resource's own policy */
        put: operations["setIamPolicy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a link that lets somebody in once who has no account yet, who is shared with */
        post: operations["createInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/marks/{mark}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Star or pin a resource */
        put: operations["setMark"];
        post?: never;
        /** Take a star or pin off */
        delete: operations["clearMark"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Merge content, or a revision, with another revision, by the one that both were made from */
        post: operations["mergeContent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move a resource to another folder */
        post: operations["moveResource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/results": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the stored results of a document, newest first */
        get: operations["listResults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Say which old revisions below a folder are kept */
        put: operations["setRetention"];
        post?: never;
        /** Inherit the retention of the folder above */
        delete: operations["clearRetention"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a document's revisions, newest first */
        get: operations["listRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a revision */
        get: operations["getRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Make a revision a checkpoint, or rename it */
        patch: operations["nameRevision"];
        trace?: never;
    };
    "/v1/resources/{id}/revisions/{revision}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Save an old revision's content as a new one */
        post: operations["restoreRevision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the secrets that a folder, an environment or a data source holds */
        get: operations["listSecrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a secret of a folder, an environment or a data source */
        put: operations["putSecret"];
        post?: never;
        /** Delete a secret */
        delete: operations["deleteSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/share-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a document's links, newest first */
        get: operations["listShareLinks"];
        put?: never;
        /** Let whoever has an address read a document */
        post: operations["createShareLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/test-iam-permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell which permissions one has */
        post: operations["testIamPermissions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/transfer-ownership": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make another principal the owner */
        post: operations["transferOwnership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/who-can": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the bindings that give a permission */
        get: operations["whoCan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/results/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what is known of a stored result */
        get: operations["getResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/results/{id}/arrow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read rows of a stored result as an Arrow IPC stream, for those who show them
         * @description Whole numbers and truth values are as they are, all else is text as SQL writes it. Sextant-Total-Rows tells how many rows the query gives in all, Sextant-Cut how many values are shortened to 10,000 characters.
         */
        get: operations["readResultArrow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/results/{id}/columns/{column}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Summarise a column of a stored result */
        get: operations["summarizeColumn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/results/{id}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a stored result, or what a query over it gives */
        get: operations["downloadResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/results/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read rows of a stored result: filtered, searched, sorted, grouped */
        get: operations["readResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/results/{id}/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the snapshots of a stored result, newest first */
        get: operations["listSnapshots"];
        put?: never;
        /** Keep a view of a stored result under a name, and its rows for as long */
        post: operations["createSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the roles */
        get: operations["listRoles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/roles/custom/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Add or change a custom role */
        put: operations["putRole"];
        post?: never;
        /** Delete a custom role that no policy names */
        delete: operations["deleteRole"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find resources by words */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the sessions that run */
        get: operations["listSessions"];
        put?: never;
        /** Start a session, or find the one that runs, before it is needed */
        post: operations["startSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a session, with what it uses now */
        get: operations["getSession"];
        put?: never;
        post?: never;
        /** End a session and all kernels in it */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-links/{link}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a link at once */
        delete: operations["revokeShareLink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-links/{link}/embed-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get an address to show a document at within another site's page */
        post: operations["createEmbedToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/shared": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what others shared with one */
        get: operations["listShared"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who is signed in where */
        get: operations["listSignIns"];
        put?: never;
        post?: never;
        /** End all sign-ins, and links that were not followed yet */
        delete: operations["endSignIns"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-ins/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one sign-in */
        delete: operations["endSignIn"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/snapshots/{snapshot}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a snapshot */
        delete: operations["deleteSnapshot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tokens */
        get: operations["listTokens"];
        put?: never;
        /** Make a token */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a token */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the trash */
        get: operations["listTrash"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trash/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a resource in the trash for good */
        delete: operations["purgeResource"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trash/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a resource out of the trash */
        post: operations["restoreResource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Report what sessions used, by day, user and environment */
        get: operations["reportUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AccessRequest: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            decidedAt?: string;
            decidedBy?: string;
            id: string;
            message?: string;
            requester: string;
            resourceId: string;
            role: string;
            /** @enum {string} */
            state: "pending" | "approved" | "declined";
        };
        AuditEntry: {
            /** @description Absent: not signed in */
            actor?: string;
            address?: string;
            allowed: boolean;
            /** Format: date-time */
            at: string;
            detail?: unknown;
            operation: string;
            requestId?: string;
            resource?: string;
            /** Format: int64 */
            seq: number;
        };
        AuditReport: {
            /**
             * Format: int64
             * @description The first entry that does not follow from the one before; absent: none
             */
            broken?: number;
            /** Format: int64 */
            entries: number;
            /** Format: int64 */
            first: number;
            /** Format: int64 */
            last: number;
        };
        Binding: {
            condition?: components["schemas"]["Condition"];
            members: string[];
            role: string;
        };
        Change: {
            actor?: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            kind: "created" | "saved" | "updated" | "moved" | "trashed" | "restored" | "purged" | "policy";
            resourceId: string;
            revision?: string;
        };
        ChangePasswordRequest: {
            /** @description Absent where one had none */
            current?: string;
            password: string;
        };
        Changes: {
            changes: components["schemas"]["Change"][];
            /** @description There is more already */
            more: boolean;
            /** @description What to ask for next, as since */
            next: string;
        };
        ColumnSummary: {
            /** @description A histogram of numbers and times; empty of all else */
            bars: components["schemas"]["ResultBar"][];
            /**
             * Format: int64
             * @description Roughly how many values there are
             */
            distinct: number;
            max?: string;
            /**
             * Format: double
             * @description Of numbers
             */
            mean?: number;
            min?: string;
            name: string;
            /** Format: int64 */
            nulls: number;
            /** Format: int64 */
            rows: number;
            /** @description The most frequent values, at most ten */
            top: components["schemas"]["ResultBar"][];
            type: string;
        };
        Condition: {
            description?: string;
            /** @description CEL over request.time and resource.path, type, name, owner, tags */
            expression: string;
            title?: string;
        };
        Conflict: {
            base?: string;
            cell?: string;
            field: string;
            key?: string;
            /** Format: int64 */
            line?: number;
            ours?: string;
            theirs?: string;
        };
        Copied: {
            /** Format: date-time */
            createdAt: string;
            description?: string;
            /** @description SHA-256 of the content */
            digest?: string;
            /**
             * Format: int64
             * @description As folders
             */
            documents: number;
            /** @description Guards changes of everything but the content */
            etag: string;
            /**
             * Format: int64
             * @description How many were made; 0 where an idempotency key's request has made them already
             */
            folders: number;
            id: string;
            /** @description What one may see but not read: it is not in the copy */
            leftOut?: string[];
            marks?: string[];
            name: string;
            owner: string;
            /** @description The folder it is in; absent for the root, and for who may not see that folder */
            parentId?: string;
            /** @description What keeps the content from being read as what its type says, and where; it is kept byte for byte */
            problem?: string;
            retention?: components["schemas"]["Retention"];
            /** @description The newest revision, which is the etag of the content */
            revision?: string;
            /** Format: int64 */
            revisionNumber?: number;
            /** Format: int64 */
            size?: number;
            tags?: string[];
            /** Format: date-time */
            trashedAt?: string;
            trashedBy?: string;
            /** @enum {string} */
            type: "folder" | "notebook" | "sql" | "file" | "environment" | "dataSource";
            /** Format: date-time */
            updatedAt: string;
        };
        CopyRequestBody: {
            name: string;
            parent: string;
            /** @description Of a document; absent: the newest */
            revision?: string;
        };
        Cost: {
            /** Format: double */
            amount: number;
            /** @description Its code in ISO 4217 */
            currency: string;
        };
        CreateEmbedTokenRequest: {
            /** @description The result's columns that can be seen; absent: all */
            columns?: number[] | null;
            /** @description A stored result of the document, to be shown in its place */
            result?: string;
            /**
             * Format: int64
             * @description How long the address opens; 0: ten minutes. It ends with the link in any case
             */
            seconds?: number;
            /** @description Conditions on the result's columns, as of readResult: only rows for which all hold can be seen, whatever the reader asks for */
            where?: string[] | null;
        };
        CreateInvitationRequest: {
            /** @description A mail address */
            address: string;
        };
        CreateRequestBody: {
            /** @description The first revision's; larger content is uploaded */
            content?: string;
            description?: string;
            message?: string;
            name: string;
            /** @description The folder's id, or root */
            parent: string;
            tags?: string[];
            /**
             * @description Absent: what the name tells
             * @enum {string}
             */
            type?: "folder" | "notebook" | "sql" | "file" | "environment" | "dataSource";
        };
        CreateSignInLinkRequest: {
            /**
             * Format: int64
             * @description How long it can be followed; absent: 24
             */
            hours?: number;
        };
        CreateSnapshotRequest: {
            name: string;
            /** @description What is asked of the rows, as readResult's address has it: where=0.gt.5&sort=-1 */
            query?: string;
        };
        CreateTokenRequest: {
            /**
             * Format: date-time
             * @description Absent: never
             */
            expires?: string;
            name: string;
            /** @description Absent: all rights of its principal */
            permissions?: string[] | null;
            /** @description Absent: oneself */
            principal?: string;
        };
        CurrentRevision: {
            author: string;
            /** Format: date-time */
            createdAt: string;
            id: string;
            /** Format: int64 */
            number: number;
            /** Format: int64 */
            size: number;
        };
        DecideAccessRequest: {
            approve: boolean;
            /** @description Another role than was asked for */
            role?: string;
        };
        Diff: {
            from: components["schemas"]["Revision"];
            /** @description Of other text */
            lines?: components["schemas"]["LineChange"][];
            /** @description Of notebooks */
            notebook?: {
                [key: string]: unknown;
            };
            same: boolean;
            to: components["schemas"]["Revision"];
        };
        DocumentEnvironment: {
            /** @description Absent: it names none, or none that one may see */
            id?: string;
            name?: string;
            /** @description One may let others use it */
            shareable?: boolean;
        };
        EmbedToken: {
            /** Format: date-time */
            expires: string;
            /** @description What the frame's address is, below the server's; theme=light or theme=dark may be added */
            path: string;
        };
        Entry: {
            /** @description Has been invited, and has not come yet */
            invited?: boolean;
            member: string;
            /** @description What it is called, where it has a name */
            name?: string;
        };
        ErrorDetail: {
            /** @description Where the error occurred, e.g. 'body.items[3].tags' or 'path.thing-id' */
            location?: string;
            /** @description Error message text */
            message?: string;
            /** @description The value at the given location */
            value?: unknown;
        };
        ErrorModel: {
            /**
             * @description A human-readable explanation specific to this occurrence of the problem.
             * @example Property foo is required but is missing.
             */
            detail?: string;
            /** @description Optional list of individual error details */
            errors?: components["schemas"]["ErrorDetail"][] | null;
            /**
             * Format: uri
             * @description A URI reference that identifies the specific occurrence of the problem.
             * @example https://example.com/error-log/abc123
             */
            instance?: string;
            /**
             * Format: int64
             * @description HTTP status code
             * @example 400
             */
            status?: number;
            /**
             * @description A short, human-readable summary of the problem type. This value should not change between occurrences of the error.
             * @example Bad Request
             */
            title?: string;
            /**
             * Format: uri
             * @description A URI reference to human-readable documentation for the error.
             * @default about:blank
             * @example https://example.com/errors/example
             */
            type: string;
        };
        Explanation: {
            allowed: boolean;
            reasons: components["schemas"]["Reason"][];
        };
        FieldError: {
            location?: string;
            message: string;
        };
        Granted: {
            binding: components["schemas"]["Binding"];
            resourceId: string;
        };
        Group: {
            /** Format: date-time */
            createdAt: string;
            description?: string;
            /** @description An identity provider decides who is in it */
            external?: boolean;
            member: string;
            title?: string;
        };
        Hit: {
            /** @description It holds words like those of the query rather than them */
            approximate?: boolean;
            resource: components["schemas"]["Resource"];
            snippets: components["schemas"]["Snippet"][];
        };
        Imported: {
            /** Format: date-time */
            at: string;
            author: string;
        };
        Job: {
            /**
             * Format: date-time
             * @description When its end was asked for
             */
            cancelledAt?: string;
            /**
             * Format: int64
             * @description How many are to be executed
             */
            cells: number;
            /** Format: date-time */
            createdAt: string;
            /** @description The id of the cell that runs, while it runs */
            current?: string;
            /** @description What is executed; absent for a statement */
            document?: string;
            /**
             * Format: int64
             * @description How many have ended
             */
            done: number;
            /** Format: date-time */
            endedAt?: string;
            environment?: string;
            /** @description Why it failed */
            error?: string;
            errorName?: string;
            /** @description The id of the cell at which it failed */
            failedCell?: string;
            id: string;
            /** @description The outputs go into the document; else into the job's notebook alone */
            inDocument?: boolean;
            kernel?: string;
            parameters?: {
                [key: string]: unknown;
            };
            principal: string;
            /** @description The document's that is executed */
            revision?: string;
            /**
             * Format: int64
             * @description Of its notebook, in bytes
             */
            size: number;
            /** Format: date-time */
            startedAt?: string;
            /** @enum {string} */
            state: "queued" | "starting" | "running" | "succeeded" | "failed" | "cancelled";
            title?: string;
        };
        JobEvent: {
            cell?: string;
            /** @description Where to go on after it, as Last-Event-ID */
            id: string;
            job?: components["schemas"]["Job"];
            /**
             * @description gap: what was before is no longer told; the job's notebook has it
             * @enum {string}
             */
            kind: "job" | "cell" | "output" | "update" | "clear" | "gap";
            /** @description As nbformat has it; a stream's text goes on from the one before; of update and clear as in the Jupyter protocol */
            output?: unknown;
            /**
             * @description Of a cell that began or ended
             * @enum {string}
             */
            state?: "running" | "succeeded" | "failed";
        };
        LineChange: {
            new?: string[] | null;
            old?: string[] | null;
            spans?: components["schemas"]["Span"][] | null;
            /** Format: int64 */
            start: number;
        };
        Look: {
            /** @description A data: URL of a PNG, JPEG, WebP or SVG picture */
            logo?: string;
            /** @description What stands at the top of the page */
            name?: string;
            /** @description Custom properties of the page without their dashes, such as accent: colours, lengths, names of fonts */
            properties?: {
                [key: string]: string;
            };
        };
        MadeShareLink: {
            /** Format: date-time */
            createdAt: string;
            createdBy: string;
            /** Format: date-time */
            expires?: string;
            id: string;
            look?: components["schemas"]["Look"];
            /** @description The sites that may show the document within their pages */
            origins?: string[];
            /** @description Whether readers are asked for one */
            password?: boolean;
            /** @description The page's address, below the server's; it holds the secret, which is not told again */
            path: string;
            resourceId: string;
            /** @description The one that is shown; absent: whichever is newest */
            revision?: string;
            /** Format: date-time */
            revokedAt?: string;
            shows?: components["schemas"]["ResultView"];
            title?: string;
        };
        Merge: {
            /** @description What both sides changed differently; content holds a resolution of each */
            conflicts: components["schemas"]["Conflict"][];
            content: string;
            /** @description The revision that was merged with; where it is the newest, the one to save on top of */
            current: components["schemas"]["Revision"];
        };
        MoveRequestBody: {
            /** @description Absent: it keeps its name */
            name?: string;
            parent: string;
        };
        NameRevisionRequest: {
            /** @description Empty makes it one like others */
            name: string;
        };
        NewJob: {
            /** @description Ids of the cells to execute, in the notebook's order; absent: all */
            cells?: string[] | null;
            /** @description The notebook or SQL script to execute; or else give a statement */
            document?: string;
            /** @description Id or path; absent: the document's, or the default */
            environment?: string;
            /** @description Have the outputs go into the notebook, which takes documents.update; else they are in the job's notebook alone */
            inDocument?: boolean;
            /** @description A kernelspec; absent: the document's, or the environment's */
            kernel?: string;
            /** @description JSON values by name: as papermill sets them in a notebook, as $name in SQL */
            parameters?: {
                [key: string]: unknown;
            };
            /** @description Absent: the newest */
            revision?: string;
            /** @description What to execute: SQL, or the language of the kernel */
            statement?: string;
            /**
             * Format: int64
             * @description How long it may run; 0: as long as its environment lets it
             */
            timeoutSeconds?: number;
        };
        NewShareLink: {
            /** Format: date-time */
            expires?: string;
            look?: components["schemas"]["Look"];
            /** @description The sites that may show the document within their pages, such as https://intranet.x.org */
            origins?: string[] | null;
            /** @description What readers are asked for */
            password?: string;
            /** @description The one that is shown; absent: whichever is newest */
            revision?: string;
            /** @description What of a stored result is shown in the document's place */
            shows?: components["schemas"]["ResultView"];
            title?: string;
        };
        NewToken: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expires?: string;
            id: string;
            /** Format: date-time */
            lastUsed?: string;
            name: string;
            /** @description What it is limited to; absent: all rights of its principal */
            permissions?: string[];
            principal: string;
            /** Format: date-time */
            revokedAt?: string;
            secret: string;
        };
        OpenKernel: {
            /** Format: int64 */
            connections: number;
            document?: string;
            /** @description The kernel's id in the Jupyter API */
            id: string;
            /** Format: date-time */
            lastUsed: string;
            path?: string;
            state: string;
        };
        Packages: {
            /** Format: int64 */
            bytes?: number;
            /** @description Why it failed */
            error?: string;
            /** @description The end of what was said */
            log?: string;
            /**
             * @description none: there are none to install, or they are not installed yet
             * @enum {string}
             */
            state: "none" | "building" | "ready" | "failed";
        };
        PageAccessRequest: {
            items: components["schemas"]["AccessRequest"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageAuditEntry: {
            items: components["schemas"]["AuditEntry"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageEntry: {
            items: components["schemas"]["Entry"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageGranted: {
            items: components["schemas"]["Granted"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageGroup: {
            items: components["schemas"]["Group"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageHit: {
            items: components["schemas"]["Hit"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageJob: {
            items: components["schemas"]["Job"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PagePlace: {
            items: components["schemas"]["Place"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PagePrincipal: {
            items: components["schemas"]["Principal"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageResource: {
            items: components["schemas"]["Resource"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageRevision: {
            items: components["schemas"]["Revision"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageRole: {
            items: components["schemas"]["Role"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageSecret: {
            items: components["schemas"]["Secret"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageSession: {
            items: components["schemas"]["Session"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageShareLink: {
            items: components["schemas"]["ShareLink"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageSignIn: {
            items: components["schemas"]["SignIn"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageSnapshot: {
            items: components["schemas"]["Snapshot"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageStoredResult: {
            items: components["schemas"]["StoredResult"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageString: {
            items: string[];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageToken: {
            items: components["schemas"]["Token"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PageUsage: {
            items: components["schemas"]["Usage"][];
            /** @description Asks for the next page; absent on the last one */
            nextPageToken?: string;
        };
        PermissionList: {
            permissions: string[];
        };
        Place: {
            id: string;
            name: string;
        };
        Policy: {
            bindings: components["schemas"]["Binding"][];
            /** @description The policy is set only where the stored one still has this etag */
            etag?: string;
        };
        Principal: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            disabledAt?: string;
            displayName?: string;
            email?: string;
            /** @description Who let them in by an invitation */
            invitedBy?: string;
            /** Format: date-time */
            lastSeen?: string;
            member: string;
        };
        Problem: {
            conflict?: components["schemas"]["SaveConflict"];
            detail?: string;
            errors?: components["schemas"]["FieldError"][] | null;
            requestId?: string;
            /** Format: int64 */
            status: number;
            /** @description The status in words */
            title: string;
        };
        PutGroupRequest: {
            description?: string;
            external?: boolean;
            title?: string;
        };
        PutPrincipalRequest: {
            displayName?: string;
            email?: string;
        };
        PutRoleRequest: {
            permissions: string[];
            title?: string;
        };
        PutSecretRequest: {
            /** @description UTF-8 text of 4 to 16384 bytes; it is never given back */
            value: string;
        };
        Reason: {
            binding: components["schemas"]["Binding"];
            detail?: string;
            inherited: boolean;
            outcome: string;
            resourceId: string;
            /** @description How the binding reaches the principal */
            via?: string[];
        };
        RequestAccessRequest: {
            message?: string;
            role: string;
        };
        Resource: {
            /** Format: date-time */
            createdAt: string;
            description?: string;
            /** @description SHA-256 of the content */
            digest?: string;
            /** @description Guards changes of everything but the content */
            etag: string;
            id: string;
            marks?: string[];
            name: string;
            owner: string;
            /** @description The folder it is in; absent for the root, and for who may not see that folder */
            parentId?: string;
            /** @description What keeps the content from being read as what its type says, and where; it is kept byte for byte */
            problem?: string;
            retention?: components["schemas"]["Retention"];
            /** @description The newest revision, which is the etag of the content */
            revision?: string;
            /** Format: int64 */
            revisionNumber?: number;
            /** Format: int64 */
            size?: number;
            tags?: string[];
            /** Format: date-time */
            trashedAt?: string;
            trashedBy?: string;
            /** @enum {string} */
            type: "folder" | "notebook" | "sql" | "file" | "environment" | "dataSource";
            /** Format: date-time */
            updatedAt: string;
        };
        RestoreResourceRequest: {
            /** @description Absent: it keeps its name */
            name?: string;
        };
        RestoreRevisionRequest: {
            /** @description The revision that must be the newest; absent takes any */
            base?: string;
        };
        ResultBar: {
            /** @description The value, or where the stretch begins */
            label: string;
            /** @description The value is NULL */
            null?: boolean;
            /** Format: int64 */
            rows: number;
            /** @description Where the stretch ends */
            to?: string;
            /** @description Conditions that lead to its rows, as of readResult */
            where: string[];
        };
        ResultColumn: {
            name: string;
            numeric?: boolean;
            type: string;
        };
        ResultPage: {
            columns: components["schemas"]["ResultColumn"][];
            /**
             * Format: int64
             * @description How many values are shortened to 10,000 characters
             */
            cut?: number;
            /** Format: int64 */
            offset: number;
            /** @description The pivot has more values; the most frequent are columns */
            pivotCut?: boolean;
            /** @description Values as SQL writes them; null is NULL. Fewer than asked for where they have more than 16 MB */
            rows: ((string | null)[] | null)[];
            /**
             * Format: int64
             * @description How many rows the query gives in all
             */
            total: number;
        };
        ResultView: {
            /** @description The result's columns that can be seen; absent: all */
            columns?: number[];
            result: string;
            /** @description Conditions on the result's columns, as of readResult: only rows for which all hold can be seen, whatever the reader asks for */
            where?: string[];
        };
        Retention: {
            /**
             * Format: int64
             * @description Keep what was made within this many days
             */
            days?: number;
            /**
             * Format: int64
             * @description Keep this many newest ones
             */
            revisions?: number;
        };
        Revision: {
            author: string;
            /** Format: date-time */
            createdAt: string;
            digest: string;
            id: string;
            /** @description Of what was imported with its history */
            imported?: components["schemas"]["Imported"];
            message?: string;
            /** @description A named revision is a checkpoint, which retention keeps */
            name?: string;
            /** Format: int64 */
            number: number;
            /** @enum {string} */
            origin: "user" | "run" | "import" | "restore" | "copy";
            parent?: string;
            /** @description What keeps the content from being read as what its type says, and where; it is kept byte for byte */
            problem?: string;
            /** Format: int64 */
            size: number;
        };
        Role: {
            name: string;
            permissions: string[];
            title: string;
        };
        SaveConflict: {
            /** @description The revision the save was based on */
            base: string;
            current: components["schemas"]["CurrentRevision"];
            /** @description Where to POST the content that was not saved to have it merged with current, below the server's address */
            merge: string;
        };
        Saved: {
            revision: components["schemas"]["Revision"];
            /** @description False where the newest revision has this content already */
            saved: boolean;
        };
        Secret: {
            /** Format: date-time */
            createdAt: string;
            name: string;
            setBy: string;
            /** Format: date-time */
            updatedAt: string;
        };
        SecretValueBody: {
            /** @description UTF-8 text of 4 to 16384 bytes; it is never given back */
            value: string;
        };
        Self: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            disabledAt?: string;
            displayName?: string;
            email?: string;
            groups: string[];
            /** @description Who let them in by an invitation */
            invitedBy?: string;
            /** @description Domains of addresses that one may invite to what one shares; * is any */
            invites?: string[];
            /** Format: date-time */
            lastSeen?: string;
            member: string;
            /** @description What the token in use is limited to */
            permissions?: string[];
        };
        Session: {
            /** @description Of the executions; absent where the server knows no price */
            cost?: components["schemas"]["Cost"];
            /** Format: double */
            cpuSeconds: number;
            /** @description The kernels in it, one for each open document */
            documents: components["schemas"]["OpenKernel"][];
            /**
             * Format: date-time
             * @description When it ends at the latest; absent: never
             */
            endsAge?: string;
            /**
             * Format: date-time
             * @description When it ends if it is not used; absent: never
             */
            endsIdle?: string;
            environment: string;
            /**
             * Format: double
             * @description How long its executions took together, as far as they have ended
             */
            executionSeconds: number;
            id: string;
            /** @description The kernelspec */
            kernel: string;
            /** Format: date-time */
            lastUsed: string;
            /** Format: int64 */
            memoryBytes: number;
            /** Format: int64 */
            peakBytes: number;
            /** Format: int64 */
            processes: number;
            /** @description Why it is dead, or was last restarted */
            reason?: string;
            /** @description The layers of protection in force, and those that this machine lacks */
            sandbox?: string[];
            /** Format: date-time */
            startedAt: string;
            /** @enum {string} */
            state: "starting" | "idle" | "busy" | "restarting" | "dead";
            /** @description The environment's, for people */
            title: string;
            /**
             * Format: double
             * @description Seconds since the kernel last answered a heartbeat, where that is too long
             */
            unresponsive?: number;
            user: string;
        };
        SetPasswordRequest: {
            password: string;
        };
        ShareLink: {
            /** Format: date-time */
            createdAt: string;
            createdBy: string;
            /** Format: date-time */
            expires?: string;
            id: string;
            look?: components["schemas"]["Look"];
            /** @description The sites that may show the document within their pages */
            origins?: string[];
            /** @description Whether readers are asked for one */
            password?: boolean;
            resourceId: string;
            /** @description The one that is shown; absent: whichever is newest */
            revision?: string;
            /** Format: date-time */
            revokedAt?: string;
            shows?: components["schemas"]["ResultView"];
            title?: string;
        };
        SignIn: {
            address?: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expires: string;
            id: string;
            method?: string;
            principal: string;
            userAgent?: string;
        };
        SignInLink: {
            /** Format: date-time */
            expires: string;
            /** @description Below the server's address */
            path: string;
        };
        Snapshot: {
            /** Format: date-time */
            createdAt: string;
            id: string;
            name: string;
            /** @description Who made it */
            principal: string;
            /** @description What is asked of the rows, as readResult's address has it */
            query?: string;
            result: string;
        };
        Snippet: {
            /** @enum {string} */
            field: "name" | "tags" | "description" | "source" | "outputs";
            /** @description Byte offsets from and to */
            marks: (number[] | null)[];
            text: string;
        };
        SourceTest: {
            /** @description What is wrong, or is left out */
            message?: string;
            ok: boolean;
            /** Format: double */
            seconds: number;
            /** @description At most 1000 */
            tables: string[];
        };
        Span: {
            /** Format: int64 */
            newEnd: number;
            /** Format: int64 */
            newStart: number;
            /** Format: int64 */
            oldEnd: number;
            /** Format: int64 */
            oldStart: number;
        };
        StartSessionRequest: {
            /** @description Absent: the default */
            environment?: string;
            /** @description A kernelspec; absent: the environment's */
            kernel?: string;
        };
        StoredResult: {
            cell?: string;
            columns: components["schemas"]["ResultColumn"][];
            /** @description False where rows were left out, at a limit */
            complete: boolean;
            /** @description By which id outputs of the document name it, where the document is a copy; absent: by its own */
            copyOf?: string;
            /** Format: date-time */
            createdAt: string;
            document?: string;
            /**
             * Format: date-time
             * @description When its rows were given up; absent: they are there
             */
            evictedAt?: string;
            id: string;
            job?: string;
            /** @description Who ran it */
            principal: string;
            /** Format: int64 */
            rows: number;
            /**
             * Format: int64
             * @description Of the Parquet file, in bytes
             */
            size: number;
        };
        Token: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expires?: string;
            id: string;
            /** Format: date-time */
            lastUsed?: string;
            name: string;
            /** @description What it is limited to; absent: all rights of its principal */
            permissions?: string[];
            principal: string;
            /** Format: date-time */
            revokedAt?: string;
        };
        TransferOwnershipRequest: {
            to: string;
        };
        UpdateRequestBody: {
            description?: string;
            name?: string;
            tags?: string[];
        };
        Usage: {
            /** @description Of the executions; absent where the server knows no price */
            cost?: components["schemas"]["Cost"];
            /** Format: double */
            cpuSeconds: number;
            /**
             * Format: date
             * @description In UTC
             */
            day: string;
            environment: string;
            /**
             * Format: double
             * @description How long they took together
             */
            executionSeconds: number;
            /**
             * Format: int64
             * @description Cells and statements that were executed
             */
            executions: number;
            /**
             * Format: int64
             * @description The most memory that one session held
             */
            peakBytes: number;
            user: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    decideAccess: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                request: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideAccessRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    queryAudit: {
        parameters: {
            query?: {
                actor?: string;
                resource?: string;
                operation?: string;
                /** @description Only what was denied */
                denied?: boolean;
                from?: string;
                until?: string;
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageAuditEntry"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportAudit: {
        parameters: {
            query?: {
                actor?: string;
                resource?: string;
                operation?: string;
                denied?: string;
                from?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One entry a line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditReport"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    followChanges: {
        parameters: {
            query?: {
                /** @description Where to go on from */
                since?: string;
                /** @description At most so many; 0 is 100 */
                limit?: number;
            };
            header?: {
                /** @description As since; browsers send it when they reconnect */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What happened */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Changes"];
                    "application/x-ndjson": components["schemas"]["Changes"];
                    "text/event-stream": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDataSources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageResource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testDataSource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceTest"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    searchDirectory: {
        parameters: {
            query?: {
                q?: string;
                /** @description 0: 50 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageEntry"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNames: {
        parameters: {
            query?: {
                /** @description Separated by commas */
                member?: string[] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageEntry"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEnvironments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageResource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPackages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Packages"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    buildPackages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Packages"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listGroups: {
        parameters: {
            query?: {
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageGroup"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutGroupRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listGroupMembers: {
        parameters: {
            query?: {
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
            };
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageString"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addGroupMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
                who: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeGroupMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
                who: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                document?: string;
                state?: ("queued" | "starting" | "running" | "succeeded" | "failed" | "cancelled")[] | null;
                /** @description 0: 100 */
                limit?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageJob"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same request with the same key within a day begins no second job */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewJob"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    followJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description Where to go on; browsers send it when they reconnect */
                "Last-Event-ID"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What happened */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["JobEvent"];
                    "text/event-stream": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A notebook (nbformat 4.5) */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ipynb+json": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobResults: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageStoredResult"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMarked: {
        parameters: {
            query?: {
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path: {
                mark: "star" | "pin" | "recent";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageResource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSelf: {
        parameters: {
            query?: {
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Self"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePasswordRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOwnSecrets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageSecret"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putOwnSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretValueBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteOwnSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOwnSnapshots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageSnapshot"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPrincipals: {
        parameters: {
            query?: {
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PagePrincipal"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPrincipal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Principal"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putPrincipal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutPrincipalRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    disablePrincipal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enablePrincipal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetPasswordRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSignInLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description user:ana@x.org, serviceAccount:nightly, group:risk@x.org */
                member: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSignInLinkRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolvePath: {
        parameters: {
            query: {
                /** @description Names from the root, each after a slash */
                path: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listVisible: {
        parameters: {
            query?: {
                /** @description Only these types, separated by commas */
                type?: string[] | null;
                owner?: string;
                tag?: string;
                /** @description Only what is below this folder, at any depth */
                folder?: string;
                updatedAfter?: string;
                updatedBefore?: string;
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageResource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createResource: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same request with the same key within a day makes nothing new */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateRequestBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getResource: {
        parameters: {
            query?: {
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trashResource: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that the resource must still have */
                "If-Match"?: string;
            };
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateResource: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that the resource must still have */
                "If-Match"?: string;
            };
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateRequestBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAccessRequests: {
        parameters: {
            query?: {
                /** @description Only undecided ones */
                open?: boolean;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageAccessRequest"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    requestAccess: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestAccessRequest"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAncestors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PagePlace"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listChildren: {
        parameters: {
            query?: {
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
                order?: "name" | "updated";
                /** @description Only these types, separated by commas */
                type?: string[] | null;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageResource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readContent: {
        parameters: {
            query?: {
                /** @description Which; absent is the newest */
                revision?: string;
                /** @description Leave the stored outputs out */
                sourceOnly?: boolean;
            };
            header?: {
                /** @description One range of bytes */
                Range?: string;
                /** @description Etags, or * */
                "If-None-Match"?: string;
                /** @description The etag that the range is of */
                "If-Range"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The content */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description The range */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    saveContent: {
        parameters: {
            query?: {
                /** @description Instead of If-Match, with 409 in place of 412 */
                base?: string;
                /** @description What changed */
                message?: string;
                /** @description Makes the revision a checkpoint */
                name?: string;
                /** @description user or import; absent: user */
                origin?: string;
                /** @description Who wrote it, where it is imported with its history */
                importedAuthor?: string;
                /** @description When, as in RFC 3339 */
                importedAt?: string;
            };
            header?: {
                /** @description The revision the content was made from, or * for whatever is newest; else 412 tells both versions */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description The revision */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Saved"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    copyDocument: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same request with the same key within a day makes nothing new */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CopyRequestBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Copied"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    diffRevisions: {
        parameters: {
            query?: {
                /** @description A revision; absent is the one before the newest */
                from?: string;
                /** @description A revision; absent is the newest */
                to?: string;
                /** @description The document that to is of; absent: the same */
                otherId?: string;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Diff"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uploadDocument: {
        parameters: {
            query?: {
                /** @description Its name */
                name?: string;
                /** @description notebook, sql or file; absent: what the name tells */
                type?: string;
                /** @description What it is */
                message?: string;
                /** @description user or import; absent: user */
                origin?: string;
                /** @description Who wrote it, where it is imported with its history */
                importedAuthor?: string;
                /** @description When, as in RFC 3339 */
                importedAt?: string;
            };
            header?: {
                /** @description The same request with the same key within a day makes nothing new */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description The document */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDocumentEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentEnvironment"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainAccess: {
        parameters: {
            query: {
                principal: string;
                permission: string;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getIamPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setIamPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Policy"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateInvitationRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setMark: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                mark: "star" | "pin";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clearMark: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                mark: "star" | "pin";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mergeContent: {
        parameters: {
            query: {
                /** @description The revision that both were made from */
                base: string;
                /** @description A revision in place of the body, which is then empty */
                ours?: string;
                /** @description What to merge with; absent is the newest revision */
                theirs?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description The content that has not been saved */
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description The merged content, to be saved on top of current */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Merge"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    moveResource: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that the resource must still have */
                "If-Match"?: string;
            };
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveRequestBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listResults: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageStoredResult"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setRetention: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that the resource must still have */
                "If-Match"?: string;
            };
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Retention"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clearRetention: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that the resource must still have */
                "If-Match"?: string;
            };
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRevisions: {
        parameters: {
            query?: {
                /** @description Only checkpoints */
                named?: boolean;
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageRevision"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRevision: {
        parameters: {
            query?: {
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                revision: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revision"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    nameRevision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                revision: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameRevisionRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreRevision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                revision: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreRevisionRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Saved"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSecrets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageSecret"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutSecretRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listShareLinks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageShareLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createShareLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewShareLink"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeShareLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testIamPermissions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PermissionList"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PermissionList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    transferOwnership: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransferOwnershipRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    whoCan: {
        parameters: {
            query: {
                permission: string;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageGranted"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getResult: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredResult"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readResultArrow: {
        parameters: {
            query?: {
                /** @description This and the others as of readResult */
                where?: string;
                offset?: number;
                /** @description 0: 100; at most 10000 */
                limit?: number;
                /** @description false does not count the rows where that takes a query */
                count?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.apache.arrow.stream": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    summarizeColumn: {
        parameters: {
            query?: {
                /** @description Of which rows, as of readResult */
                where?: string[] | null;
                q?: string;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
                /** @description Counts from 0 */
                column: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ColumnSummary"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadResult: {
        parameters: {
            query?: {
                /** @description csv-excel opens well in Excel: nothing in it is taken for a formula */
                format?: "csv" | "csv-excel" | "parquet" | "json" | "ndjson" | "xlsx" | "arrow";
                /** @description This and the others as of readResult */
                where?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readResult: {
        parameters: {
            query?: {
                /** @description COLUMN.OP[.VALUE], once for each condition; columns count from 0; operators: eq, ne, lt, le, gt, ge, has, hasnt, starts, null, notnull; a further value of eq or ne follows as +VALUE */
                where?: string[] | null;
                /** @description What any column has to contain */
                q?: string;
                /** @description COLUMN[.PART]: a row for each value, or year, quarter, month, week, day or hour */
                group?: string[] | null;
                /** @description count, or FUNC.COLUMN: sum, mean, median, min, max, distinct, filled */
                measure?: string[] | null;
                /** @description COLUMN[.PART]: a column of each measure for each value, the 200 most frequent, and one of all */
                pivot?: string;
                /** @description COLUMN, or -COLUMN for the largest first; where rows are grouped it counts groups and measures */
                sort?: string[] | null;
                offset?: number;
                /** @description 0: 100 */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResultPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSnapshots: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageSnapshot"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSnapshotRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Snapshot"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRoles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageRole"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutRoleRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: {
                /** @description Words that must all be there; the last may be the beginning of one */
                q?: string;
                /** @description Only these types, separated by commas */
                type?: string[] | null;
                owner?: string;
                tag?: string;
                /** @description Only what is below this folder, at any depth */
                folder?: string;
                updatedAfter?: string;
                updatedBefore?: string;
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageHit"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: {
                /** @description Also those of others */
                all?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageSession"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartSessionRequest"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeShareLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                link: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createEmbedToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                link: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateEmbedTokenRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbedToken"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listShared: {
        parameters: {
            query?: {
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageResource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSignIns: {
        parameters: {
            query?: {
                /** @description Absent: one's own */
                principal?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageSignIn"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSignIns: {
        parameters: {
            query?: {
                /** @description Absent: one's own */
                principal?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSignIn: {
        parameters: {
            query?: {
                /** @description Absent: one's own */
                principal?: string;
            };
            header?: never;
            path: {
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description Absent: one's own */
                principal?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageToken"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same request with the same key within a day makes no second token, but is 409: the secret is told only once */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateTokenRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTrash: {
        parameters: {
            query?: {
                /** @description At most so many items; 0 is 50 */
                pageSize?: number;
                /** @description The nextPageToken of the page before */
                pageToken?: string;
                /** @description Only these fields of the answer or of its items, separated by commas */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageResource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    purgeResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A resource's id; root is the root of the tree */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreResourceRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reportUsage: {
        parameters: {
            query?: {
                /** @description The first day */
                from?: string;
                /** @description The last day */
                until?: string;
                /** @description Absent: oneself; * is everybody */
                user?: string;
                environment?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageUsage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
