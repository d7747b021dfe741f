"""COLLECTION: public datasets as Parquet in the schema of our releases. `importer` is the loop, `sources` holds what is particular to each."""
