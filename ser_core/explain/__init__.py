"""Why a model says so: attribution, the shares of voice and words, the stages of the fusion."""
