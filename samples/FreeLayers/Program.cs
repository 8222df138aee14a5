// Layers of free sizes: a batch of 4 rows through linear 4 -> 3, batch normalization and tanh; prints y and the number of parameters.
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;

using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
using Accelerator accelerator = catalog.Start(catalog.Choose("auto"));
var kernels = new KernelSet(accelerator);
using var parameters = new TensorStore(kernels.Launcher, withGradients: true);
using var buffers = new TensorStore(kernels.Launcher, withGradients: false);
var linear = new Linear(kernels, parameters.Add("weight", 4, 3), parameters.Add("bias", 3));
var norm = new BatchNormalization(
    kernels, new BatchNormConstants(1e-5f, 0.1f, RunningStatistic.Variance), parameters.Add("gain", 3), parameters.Add("shift", 3),
    buffers.Add("mean", 3), buffers.Add("variance", 3), buffers.Add("batch mean", 3), buffers.Add("inverse deviation", 3));
Layer[] layers = [linear, norm, new ActivationLayer(kernels, Activation.Tanh, width: 3)];
Tensor[] values = [buffers.Add("x", 4, 4), .. layers.Select((layer, i) => buffers.Add($"y{i}", 4, layer.Outputs))];
var generator = new TorchGenerator(42);
linear.Weight.Set(generator.RandN(12));
norm.Gain.Set([1, 1, 1]); // What is not set is 0.
values[0].Set(generator.RandN(16));
for (int i = 0; i < layers.Length; i++)
{
    layers[i].Forward(values[i].Data, batch: 4, Pass.Training, values[i + 1].Data);
}
Console.WriteLine($"y ({string.Join(", ", values[^1].Shape)}), {parameters.Tensors.Sum(tensor => tensor.Length)} parameters");
Console.WriteLine(string.Join('\n', values[^1].ToArray().Chunk(3).Select(row => string.Join(' ', row))));
