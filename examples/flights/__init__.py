"""All flights that left New York City in 2013, from source files to tables of punctuality."""
