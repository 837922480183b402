"""What the fork server of `--jobs` imports once for all its processes. Nothing here computes."""

import polars  # noqa: F401

import tlfgen.analysis.run
import tlfgen.audit.record
import tlfgen.display.lay_out
import tlfgen.display.text
import tlfgen.document.output
import tlfgen.run.work_data
import tlfgen.run.work_documents
import tlfgen.run.work_outputs  # noqa: F401
