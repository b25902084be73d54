package io.latent4j.pipeline.run;

import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.request.ControlInput;

/** A control image and the open network that it names. */
record AttachedControl(ControlInput input, ControlNet net) {}
