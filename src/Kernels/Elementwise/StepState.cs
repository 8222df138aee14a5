namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>
/// Where training stands, in device memory: a view of one such value is an argument of each kernel that treats one step otherwise than the
/// next. So the launches of every step are the same, and can be recorded once and replayed. <see cref="Sgd"/> moves it.
/// </summary>
/// <param name="Step">The step, from 0: which batch of the indices it takes, and which place of the record its loss.</param>
/// <param name="LearningRate">The learning rate.</param>
public record struct StepState(int Step, float LearningRate);
