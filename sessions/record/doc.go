// Package record puts what kernels say into documents, with nobody watching: outputs go by cell id into the notebook whose
// cell was executed, as they come, and are saved as revisions.
//
// A [Cell] gathers the outputs of one execution, and [MergeRuns] brings a save of a client together with what was recorded
// since it last saw the document; both are pure. [Recorder] is the shell around them.
package record
