package io.latent4j.schedulers.catalogue;

import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.samplers.DdimScheduler;
import io.latent4j.schedulers.samplers.DdpmScheduler;
import io.latent4j.schedulers.samplers.DeisMultistep;
import io.latent4j.schedulers.samplers.DpmSolverMultistep;
import io.latent4j.schedulers.samplers.DpmSolverMultistepSde;
import io.latent4j.schedulers.samplers.DpmSolverPlusPlus2SAncestral;
import io.latent4j.schedulers.samplers.DpmSolverSdeScheduler;
import io.latent4j.schedulers.samplers.DpmSolverSinglestep;
import io.latent4j.schedulers.samplers.EulerAncestralScheduler;
import io.latent4j.schedulers.samplers.EulerScheduler;
import io.latent4j.schedulers.samplers.HeunScheduler;
import io.latent4j.schedulers.samplers.Kdpm2AncestralScheduler;
import io.latent4j.schedulers.samplers.Kdpm2Scheduler;
import io.latent4j.schedulers.samplers.LcmScheduler;
import io.latent4j.schedulers.samplers.LmsScheduler;
import io.latent4j.schedulers.samplers.PndmScheduler;
import io.latent4j.schedulers.samplers.RestartScheduler;
import io.latent4j.schedulers.samplers.TcdScheduler;
import io.latent4j.schedulers.samplers.UniPcMultistep;
import java.util.List;
import java.util.Optional;

/** Every method there is, in the order to offer them. */
final class Catalogue {
    static final List<SamplingMethod> METHODS = List.of(
            new SamplingMethod(
                            "DDIM",
                            Optional.of("DDIMScheduler"),
                            List.of("ddim"),
                            1,
                            false,
                            1,
                            "Song et al. 2020, arXiv:2010.02502",
                            DdimScheduler::from,
                            DdimScheduler.KEYS)
                    .atTrainedTimesteps(),
            new SamplingMethod(
                            "DDPM",
                            Optional.of("DDPMScheduler"),
                            List.of("ddpm"),
                            1,
                            true,
                            1,
                            "Ho et al. 2020, arXiv:2006.11239",
                            DdpmScheduler::from,
                            DdpmScheduler.KEYS)
                    .atTrainedTimesteps(),
            new SamplingMethod(
                            "PLMS",
                            Optional.of("PNDMScheduler"),
                            List.of("pndm", "plms"),
                            2,
                            false,
                            1,
                            "Liu et al. 2022, arXiv:2202.09778",
                            PndmScheduler::from,
                            PndmScheduler.KEYS)
                    .atTrainedTimesteps(),
            new SamplingMethod(
                            "Euler",
                            Optional.of("EulerDiscreteScheduler"),
                            List.of("euler", "euler flow", "flow match euler", "edm euler"),
                            1,
                            false,
                            1,
                            "Karras et al. 2022, arXiv:2206.00364, algorithm 2",
                            EulerScheduler::from,
                            EulerScheduler.KEYS)
                    .alsoNamed("FlowMatchEulerDiscreteScheduler", "EDMEulerScheduler"),
            new SamplingMethod(
                    "Euler a",
                    Optional.of("EulerAncestralDiscreteScheduler"),
                    List.of("euler a", "euler ancestral"),
                    1,
                    true,
                    1,
                    "Karras et al. 2022, arXiv:2206.00364, appendix B",
                    EulerAncestralScheduler::from,
                    EulerAncestralScheduler.KEYS),
            new SamplingMethod(
                            "DPM++ 2M",
                            Optional.of("DPMSolverMultistepScheduler"),
                            List.of("dpm++2m", "dpm solver++", "edm dpm++2m"),
                            2,
                            false,
                            1,
                            "Lu et al. 2022, arXiv:2211.01095, algorithm 2",
                            DpmSolverMultistep::from,
                            DpmSolverMultistep.KEYS)
                    .alsoNamed("EDMDPMSolverMultistepScheduler"),
            new SamplingMethod(
                    "DPM-Solver 2M",
                    Optional.empty(),
                    List.of("dpm solver 2m", "dpm solver"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2206.00927",
                    DpmSolverMultistep::ofNoise,
                    DpmSolverMultistep.KEYS.without("algorithm_type")),
            new SamplingMethod(
                    "DPM++ 3M",
                    Optional.empty(),
                    List.of("dpm++3m"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 2",
                    DpmSolverMultistep::from3M,
                    DpmSolverMultistep.KEYS.without("algorithm_type", "solver_order")),
            new SamplingMethod(
                    "DPM++ 2S",
                    Optional.of("DPMSolverSinglestepScheduler"),
                    List.of("dpm++2s"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 1",
                    DpmSolverSinglestep::from,
                    DpmSolverSinglestep.KEYS),
            new SamplingMethod(
                    "DPM++ 3S",
                    Optional.empty(),
                    List.of("dpm++3s"),
                    3,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 1",
                    DpmSolverSinglestep::from3S,
                    DpmSolverSinglestep.KEYS.without("solver_order")),
            new SamplingMethod(
                    "DPM++ 2M SDE",
                    Optional.empty(),
                    List.of("dpm++2m sde"),
                    2,
                    true,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, equation 5",
                    DpmSolverMultistepSde::from2M,
                    DpmSolverMultistepSde.KEYS),
            new SamplingMethod(
                    "DPM++ 2M SDE Heun",
                    Optional.empty(),
                    List.of("dpm++2m sde heun"),
                    2,
                    true,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, equation 5",
                    DpmSolverMultistepSde::from2MHeun,
                    DpmSolverMultistepSde.KEYS.without("solver_type")),
            new SamplingMethod(
                    "DPM++ 3M SDE",
                    Optional.empty(),
                    List.of("dpm++3m sde"),
                    2,
                    true,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, equation 5",
                    DpmSolverMultistepSde::from3M,
                    DpmSolverMultistepSde.KEYS.without("solver_type")),
            new SamplingMethod(
                    "DEIS",
                    Optional.of("DEISMultistepScheduler"),
                    List.of("deis"),
                    2,
                    false,
                    1,
                    "Zhang and Chen 2022, arXiv:2204.13902",
                    DeisMultistep::from,
                    DeisMultistep.KEYS),
            new SamplingMethod(
                    "UniPC",
                    Optional.of("UniPCMultistepScheduler"),
                    List.of("unipc", "unipc bh2"),
                    3,
                    false,
                    1,
                    "Zhao et al. 2023, arXiv:2302.04867, algorithms 1 and 2",
                    UniPcMultistep::from,
                    UniPcMultistep.KEYS),
            new SamplingMethod(
                    "LMS",
                    Optional.of("LMSDiscreteScheduler"),
                    List.of("lms"),
                    4,
                    false,
                    1,
                    "Karras et al. 2022, arXiv:2206.00364, by Adams-Bashforth",
                    LmsScheduler::from,
                    LmsScheduler.KEYS),
            new SamplingMethod(
                            "Heun",
                            Optional.of("HeunDiscreteScheduler"),
                            List.of("heun"),
                            2,
                            false,
                            2,
                            "Karras et al. 2022, arXiv:2206.00364, algorithm 2",
                            HeunScheduler::from,
                            HeunScheduler.KEYS)
                    .alsoNamed("FlowMatchHeunDiscreteScheduler"),
            new SamplingMethod(
                    "DPM2",
                    Optional.of("KDPM2DiscreteScheduler"),
                    List.of("dpm2", "kdpm2"),
                    2,
                    false,
                    2,
                    "Lu et al. 2022, arXiv:2206.00927, algorithm 1",
                    Kdpm2Scheduler::from,
                    Kdpm2Scheduler.KEYS),
            new SamplingMethod(
                    "DPM2 a",
                    Optional.of("KDPM2AncestralDiscreteScheduler"),
                    List.of("dpm2 a", "kdpm2 a"),
                    2,
                    true,
                    2,
                    "Lu et al. 2022, arXiv:2206.00927, algorithm 1",
                    Kdpm2AncestralScheduler::from,
                    Kdpm2AncestralScheduler.KEYS),
            new SamplingMethod(
                    "DPM++ 2S a",
                    Optional.empty(),
                    List.of("dpm++2s a"),
                    2,
                    true,
                    2,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 1",
                    DpmSolverPlusPlus2SAncestral::from,
                    DpmSolverPlusPlus2SAncestral.KEYS),
            new SamplingMethod(
                    "DPM++ SDE",
                    Optional.of("DPMSolverSDEScheduler"),
                    List.of("dpm++ sde"),
                    2,
                    true,
                    2,
                    "Lu et al. 2022, arXiv:2211.01095",
                    DpmSolverSdeScheduler::from,
                    DpmSolverSdeScheduler.KEYS),
            new SamplingMethod(
                            "Restart",
                            Optional.empty(),
                            List.of("restart"),
                            2,
                            true,
                            2,
                            "Xu et al. 2023, arXiv:2306.14878",
                            RestartScheduler::from,
                            RestartScheduler.KEYS)
                    .on(ProcessKind.TRAINED_SCHEDULE),
            new SamplingMethod(
                            "LCM",
                            Optional.of("LCMScheduler"),
                            List.of("lcm"),
                            1,
                            true,
                            1,
                            "Luo et al. 2023, arXiv:2310.04378",
                            LcmScheduler::from,
                            LcmScheduler.KEYS)
                    .atTrainedTimesteps()
                    .on(ProcessKind.TRAINED_SCHEDULE, ProcessKind.RECTIFIED_FLOW)
                    .alsoNamed("FlowMatchLCMScheduler"),
            new SamplingMethod(
                            "TCD",
                            Optional.of("TCDScheduler"),
                            List.of("tcd"),
                            1,
                            true,
                            1,
                            "Zheng et al. 2024, arXiv:2402.19159",
                            TcdScheduler::from,
                            TcdScheduler.KEYS)
                    .atTrainedTimesteps());

    private Catalogue() {}
}
