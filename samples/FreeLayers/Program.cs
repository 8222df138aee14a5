// Layers of free sizes: a batch of 4 rows through linear 4 -> 3, batch normalization and tanh; prints y and the number of parameters.
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model;

using var device = ComputeDevice.Open();
using var network = new Sequential(device, 4, LayerSpec.Linear(3), LayerSpec.BatchNorm(), LayerSpec.Activation(Activation.Tanh));
network.Draw(seed: 42);
using Tensor x = device.Tensor([4, 4], [.. Enumerable.Range(0, 16).Select(i => MathF.Sin(i))]);
Tensor y = network.Forward(x);
Console.WriteLine($"y {y}, {network.Parameters.Sum(tensor => tensor.Length)} parameters");
Console.WriteLine(string.Join('\n', y.ToArray().Chunk(3).Select(row => string.Join(' ', row))));
