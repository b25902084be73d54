package io.latent4j.lora;

/** What a tensor stands for in an adapter's formula. */
enum Role {
    ALPHA,
    /** DoRA's lengths; their axis follows from their shape. */
    DORA_SCALE,
    /** DoRA's lengths of the weight's rows, whatever their shape. */
    MAGNITUDE,
    DOWN,
    UP,
    MID,
    HADA_W1_A,
    HADA_W1_B,
    HADA_W2_A,
    HADA_W2_B,
    HADA_T1,
    HADA_T2,
    LOKR_W1,
    LOKR_W1_A,
    LOKR_W1_B,
    LOKR_W2,
    LOKR_W2_A,
    LOKR_W2_B,
    LOKR_T2
}
