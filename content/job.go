package content

import (
	"encoding/json"
	"time"

	"sextant/content/iam"
)

// JobState is how far a job is.
type JobState string

// The states of a job. The last three are final.
const (
	JobQueued    JobState = "queued"   // it waits for its turn
	JobStarting  JobState = "starting" // its kernel is being started
	JobRunning   JobState = "running"
	JobSucceeded JobState = "succeeded"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Ended reports whether a job in this state goes no further.
func (s JobState) Ended() bool { return s == JobSucceeded || s == JobFailed || s == JobCancelled }

// Job is one execution of a document's cells or of a statement, with a copy of the notebook that it executes. It outlives
// whoever began it, and the server.
type Job struct {
	ID        string
	Principal iam.Member
	// Document is what is executed; empty for a statement.
	Document  ResourceID
	State     JobState
	CreatedAt time.Time
	// EndedAt is zero until then.
	EndedAt time.Time
	// Server is the one whose sessions execute it.
	Server string
	Spec   JobSpec
	JobProgress
	// Size is that of the job's notebook.
	Size   int64
	Layout Layout
}

// JobSpec is what a job was asked for.
type JobSpec struct {
	Title string
	// Revision is the document's that is executed.
	Revision RevisionID `json:",omitempty"`
	// InDocument has the outputs go into the document; else into the job's notebook alone.
	InDocument bool `json:",omitempty"`
	// Environment and Kernel are as planners take them; empty is the default.
	Environment string `json:",omitempty"`
	Kernel      string `json:",omitempty"`
	// Parameters are JSON values by name.
	Parameters map[string]json.RawMessage `json:",omitempty"`
	// Cells are the ids of the cells to execute, in order.
	Cells []string
	// Timeout bounds its time from when it begins to run; 0 is none.
	Timeout time.Duration `json:",omitempty"`
}

// JobProgress is what changes while a job runs.
type JobProgress struct {
	// Kernel is the id of the kernel that runs it.
	Kernel string `json:",omitempty"`
	// Done counts the cells that have ended; Sent tells that the next one may have been handed to the kernel, Begun that the
	// kernel has taken it up.
	Done  int
	Sent  bool `json:",omitempty"`
	Begun bool `json:",omitempty"`
	// FailedCell is the one at which it failed; ErrorName and Error say why, as a kernel or the server put it.
	FailedCell string `json:",omitempty"`
	ErrorName  string `json:",omitempty"`
	Error      string `json:",omitempty"`
	// StartedAt is when it began to run, CancelledAt when somebody asked to cancel it.
	StartedAt   time.Time
	CancelledAt time.Time
}

// JobFilter narrows a listing of jobs. Empty fields do not.
type JobFilter struct {
	Document ResourceID
	States   []JobState
	// Before takes those made before the job of this id.
	Before string
	Limit  int
}

// JobTx is jobs.
type JobTx interface {
	// PutJob adds a job or replaces it, by ID.
	PutJob(Job) error
	Job(id string) (Job, error)
	// Jobs lists a principal's, newest first, at most filter.Limit, without their layouts.
	Jobs(principal iam.Member, filter JobFilter) ([]Job, error)
	// UnfinishedJobs lists a server's that have not ended, oldest first, without their layouts.
	UnfinishedJobs(server string) ([]Job, error)
	// CountJobs counts a principal's that have not ended.
	CountJobs(principal iam.Member) (int, error)
	DeleteJob(id string) error
	// ExpireJobs deletes those that ended before a time.
	ExpireJobs(before time.Time) error
}

// Bounds of jobs.
const (
	// MaxOpenJobs bounds the jobs of one principal that have not ended.
	MaxOpenJobs = 1_000
	// MaxJobCells bounds the cells of one.
	MaxJobCells   = 10_000
	maxJobs       = 1_000
	maxJobTitle   = 200
	maxJobDetails = 256 << 10
	maxJobError   = 8 << 10
	// maxJobTime bounds JobSpec.Timeout.
	maxJobTime = 30 * 24 * time.Hour
	// jobDays is how long a job is kept after its end.
	jobDays = 30
)

// Current is the id of the cell that runs, or comes next; empty when all have ended.
func (j *Job) Current() string {
	if j.Done >= len(j.Spec.Cells) {
		return ""
	}
	return j.Spec.Cells[j.Done]
}
