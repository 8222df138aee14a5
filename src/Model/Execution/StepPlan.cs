using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Execution;

/// <summary>What steps of training take, told before anything is allocated.</summary>
/// <param name="Buffers">Their memory.</param>
/// <param name="Launches">The launches of a step in the layered form; one in the fused form, for <see cref="StepsPerLaunch"/>.</param>
/// <param name="StepsPerLaunch">How many steps are launched before the host reads their losses.</param>
sealed record StepPlan(IReadOnlyList<PlannedBuffer> Buffers, int Launches, int StepsPerLaunch);
